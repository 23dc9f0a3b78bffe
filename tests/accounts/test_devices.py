import pytest

from houqin.accounts.devices import device_name


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; V2241A) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36",
            "Android, Chrome",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "iPhone, Safari"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130 Safari/537.36 Edg/130", "Windows, Edge"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4 Mobile HuaweiBrowser/5.1", "HarmonyOS"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0) MicroMessenger/8.0", "iPad, WeChat"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_by_system_and_browser(user_agent, name):
    assert device_name(user_agent) == name
