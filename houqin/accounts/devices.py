"""Say in a few words what kind of device a browser runs on, so that people know theirs in a list."""

import re

# First match wins: WeChat and Edge also call themselves Chrome, everything calls itself Safari.
_BROWSERS = (
    (r"MicroMessenger", "WeChat"),
    (r"DingTalk", "DingTalk"),
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"Firefox|FxiOS", "Firefox"),
    (r"Chrome|CriOS", "Chrome"),
    (r"Safari", "Safari"),
)
_SYSTEMS = (
    (r"HarmonyOS|OpenHarmony", "HarmonyOS"),
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "Mac"),
    (r"Linux|X11", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Return system and browser, like "Android, WeChat"; empty when neither is recognised."""
    found = (_first(_SYSTEMS, user_agent), _first(_BROWSERS, user_agent))
    return ", ".join(name for name in found if name)


def _first(patterns: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in patterns if re.search(pattern, text)), "")
