"""What the actions of the ground floor are called in the log; apps name their own (`labels.register`)."""

from django.utils.translation import gettext_lazy as _

from houqin.history.labels import Text, register, register_result

_ACTIONS: dict[str, Text] = {
    "accounts.ask_for_mail": _("asked for a letter to a new password"),
    "accounts.change_contact": _("changed phone or e-mail"),
    "accounts.change_password": _("changed the password"),
    "accounts.log_in": _("logged in"),
    "accounts.log_out": _("logged out"),
    "accounts.log_out_elsewhere": _("logged out on other devices"),
    "accounts.make_one_time_code": _("printed a one-time code"),
    "accounts.prove_password": _("proved the password"),
    "accounts.reset_password": _("chose a new password by letter"),
    "accounts.use_one_time_code": _("used a one-time code"),
    "exports.download_export": _("downloaded an export"),
    "exports.expire_export": _("export expired"),
    "exports.finish_export": _("export finished"),
    "exports.remove_export": _("removed an export"),
    "exports.start_export": _("started an export"),
    "files.store": _("uploaded a file"),
    "imports.cancel": _("cancelled an import"),
    "imports.confirm": _("confirmed an import"),
    "imports.upload": _("uploaded a file to import"),
    "imports.write": _("wrote an import"),
    "schools.add_own_days": _("entered own days"),
    "schools.add_term": _("entered a term"),
    "schools.change_term": _("changed a term"),
    "schools.close_place": _("closed a place"),
    "schools.close_school": _("closed a school"),
    "schools.create_campus": _("added a campus"),
    "schools.create_person": _("added a person"),
    "schools.create_place": _("added a place"),
    "schools.end_post": _("ended a post"),
    "schools.enter_plan": _("entered the holiday plan"),
    "schools.first_run": _("set up the first school"),
    "schools.give_post": _("gave a post"),
    "schools.leave": _("let a person leave"),
    "schools.remove_own_day": _("removed an own day"),
    "schools.remove_term": _("removed a term"),
    "schools.reopen_place": _("reopened a place"),
    "schools.reopen_school": _("reopened a school"),
    "schools.switch_on": _("let a person log in again"),
    "schools.update_person": _("changed a person"),
    "schools.update_place": _("changed a place"),
    "schools.update_school": _("changed a school"),
    "schools.withdraw_post": _("withdrew a post"),
}

_RESULTS: dict[str, Text] = {
    "done": _("done"),
    "not_allowed": _("not allowed"),
    "wrong_state": _("state had changed"),
    "wrong_password": _("wrong password"),
    "wrong_code": _("wrong code"),
    "too_many": _("too many attempts"),
    "no_letter": _("no address to send to"),
    "required": _("something missing"),
    "reason_missing": _("no reason given"),
    "open_things": _("open things to hand over"),
}


def name_ground_floor() -> None:
    """Name the actions of the ground floor and the results that rooms share."""
    for code, label in _ACTIONS.items():
        register(code, label)
    for code, label in _RESULTS.items():
        register_result(code, label)
