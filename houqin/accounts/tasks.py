"""Letters about passwords, and what is swept away at night."""

from datetime import timedelta
from functools import partial

from celery import Task, shared_task
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from houqin.accounts.models import KnownDevice, OneTimeCode, User
from houqin.web.waking import wake

FORGET_DEVICE_AFTER = timedelta(days=400)
FORGET_CODE_AFTER = timedelta(days=30)


def post(task: Task, user_id: int) -> None:
    """Hand a letter to a worker, or send it here when no worker can be reached."""
    if not wake(task, user_id):
        task(user_id)


def tell_of_new_password(user: User) -> None:
    """Send word of a changed password after commit, so that a person learns of what a stranger did."""
    if user.email and settings.MAIL_IS_SET_UP:
        transaction.on_commit(partial(post, send_new_password_notice, user.pk))


@shared_task
def send_reset_link(user_id: int) -> None:
    """Send the link to a new password."""
    user = User.objects.get(pk=user_id)
    token = default_token_generator.make_token(user)
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    link = settings.SITE_URL + reverse("accounts:reset_password", args=[uid, token])
    with translation.override(settings.LANGUAGE_CODE):
        minutes = settings.PASSWORD_RESET_TIMEOUT // 60
        body = render_to_string("accounts/mail_reset.txt", {"person": user, "link": link, "minutes": minutes})
        send_mail(_("Choose a new password"), body, None, [user.email])


@shared_task
def send_new_password_notice(user_id: int) -> None:
    """Tell a person that the password was changed."""
    user = User.objects.get(pk=user_id)
    with translation.override(settings.LANGUAGE_CODE):
        body = render_to_string("accounts/mail_changed.txt", {"person": user, "at": timezone.now()})
        send_mail(_("Your password was changed"), body, None, [user.email])


@shared_task
def remove_expired() -> None:
    """Remove ended sessions, codes that ran out and devices that nobody has logged in on for over a year."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    OneTimeCode.objects.filter(expires_at__lt=now - FORGET_CODE_AFTER).delete()
    KnownDevice.objects.filter(last_seen__lt=now - FORGET_DEVICE_AFTER).delete()
