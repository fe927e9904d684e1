"""What this room hands over to the core."""

from guanxi.kernel.labels import Label
from guanxi.kernel.plugins import Parts
from guanxi.relationship.access import commands as c
from guanxi.relationship.access import events as e
from guanxi.relationship.access.accounts import accounts
from guanxi.relationship.access.approvals import approvals
from guanxi.relationship.access.cadences import CADENCES
from guanxi.relationship.access.door import CoreAccess
from guanxi.relationship.access.extracts import extracts
from guanxi.relationship.access.labels import LABELS
from guanxi.relationship.access.log import access_log
from guanxi.relationship.access.logins import logins
from guanxi.relationship.access.posts import posts
from guanxi.relationship.access.reach import reach
from guanxi.relationship.access.read_models import READ_MODELS
from guanxi.relationship.access.reports import discipline
from guanxi.relationship.access.rules import AccessRules, AccountRules
from guanxi.relationship.access.staff import staff
from guanxi.relationship.access.submissions import submissions
from guanxi.relationship.version import VERSION

parts = Parts(
    name="core",
    version=VERSION,
    title=Label("Access", "访问权限"),
    events=(
        e.PostEstablished,
        e.PostAbolished,
        e.StaffEnrolled,
        e.PostTaken,
        e.PostLeft,
        e.LevelSet,
        e.DepartureRecorded,
        e.LeaveRecorded,
        e.ApprovalRequested,
        e.ApprovalDecided,
        e.LookupRequested,
        e.FileViewed,
        e.AttemptRefused,
        e.ExtractIssued,
        e.AccountChangeRequested,
        e.AccountChangeExecuted,
        e.AccountFrozen,
        e.LoggedIn,
        e.DutyTripRecorded,
    ),
    commands=(
        c.EstablishPost,
        c.AbolishPost,
        c.EnrolStaff,
        c.TakePost,
        c.LeavePost,
        c.SetLevel,
        c.RecordLeave,
        c.RequestApproval,
        c.DecideApproval,
        c.RequestLookup,
        c.SubmitChange,
        c.RejectChange,
        c.IssueExtract,
        c.RecordDeparture,
        c.RequestAccountChange,
        c.ExecuteAccountChange,
        c.FreezeAccount,
        c.LogIn,
        c.RecordDutyTrip,
        c.KeepView,
        c.KeepAttempt,
        c.NoteNotConsulted,
    ),
    facets=(posts, staff, approvals, extracts, accounts, logins, access_log, reach, submissions),
    rule_sets=(AccessRules, AccountRules),
    read_models=READ_MODELS,
    reports=(discipline,),
    cadences=CADENCES,
    access=CoreAccess(),
    labels=LABELS,
)
