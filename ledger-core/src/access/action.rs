//! The list of everything that can be asked for: one line an action.
//!
//! To add one: a line here and a line in `profiles/schema.cedarschema`. A test compares the two.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::InvalidId;

/// What a group of actions has in common; in Cedar `Action::"read"` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionGroup {
    /// Shows something of a case, its content included.
    Read,
    /// Changes a case.
    Write,
    /// Enters something into a case, as part of the work: one of the ways to write.
    Enter,
    /// Moves a case into the archive and out of the ledger.
    Archive,
    /// Organisations, accounts, roles, rule books; nothing of any case.
    Administer,
    /// Asks who saw and who could have seen: facts alone.
    Audit,
    /// Asks the same about many cases at once.
    Oversee,
}

impl ActionGroup {
    /// The group's name in Cedar.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Enter => "enter",
            Self::Archive => "archive",
            Self::Administer => "administer",
            Self::Audit => "audit",
            Self::Oversee => "oversee",
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $group:ident;)*) => {
        /// Something that can be asked for: a command or a way of reading.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Action {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Action {
            /// Every action, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable code, also the action's name in Cedar.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The group it belongs to.
            pub const fn group(self) -> ActionGroup {
                match self {
                    $(Self::$name => ActionGroup::$group,)*
                }
            }
        }
    };
}

actions! {
    /// Clear that somebody opens a case.
    ClearOpening = "clear_opening", Write;
    /// Open a case; before it, the case does not exist.
    OpenCase = "open_case", Write;
    /// Take in a case that was recorded elsewhere; before it, the case does not exist.
    ImportCase = "import_case", Write;
    /// Record that somebody of the family was told what a consent would mean.
    RecordInformation = "record_information", Write;
    /// Give a consent.
    GiveConsent = "give_consent", Write;
    /// Withdraw a consent.
    WithdrawConsent = "withdraw_consent", Write;
    /// Say no to a consent that is asked for.
    DeclineConsent = "decline_consent", Write;
    /// Declare that a consent was never valid.
    InvalidateConsent = "invalidate_consent", Write;
    /// Record that a young person consents on their own behalf from now on.
    RecordComingOfAge = "record_coming_of_age", Write;
    /// Let a person take part in a case.
    AddParty = "add_party", Write;
    /// End someone's part in a case.
    RemoveParty = "remove_party", Write;
    /// Write a note.
    AddNote = "add_note", Enter;
    /// Add a document.
    AddDocument = "add_document", Enter;
    /// Let a service take part in a case.
    AddService = "add_service", Write;
    /// End a service's part in a case.
    RemoveService = "remove_service", Write;
    /// Say what the task of somebody is who works with a case.
    AssignTask = "assign_task", Enter;
    /// Offer the baton to somebody.
    OfferBaton = "offer_baton", Write;
    /// Take the baton that was offered.
    AcceptBaton = "accept_baton", Write;
    /// Say no to the baton, or take the offer back.
    DeclineBaton = "decline_baton", Write;
    /// Plan a measure.
    PlanMeasure = "plan_measure", Enter;
    /// Begin a measure.
    BeginMeasure = "begin_measure", Enter;
    /// Plan a measure anew.
    ChangeMeasure = "change_measure", Enter;
    /// Evaluate a measure.
    EvaluateMeasure = "evaluate_measure", Enter;
    /// End a measure.
    EndMeasure = "end_measure", Enter;
    /// Plan a meeting.
    PlanMeeting = "plan_meeting", Enter;
    /// Move a meeting to another time.
    MoveMeeting = "move_meeting", Enter;
    /// Record that a meeting was held.
    HoldMeeting = "hold_meeting", Enter;
    /// Cancel a meeting.
    CancelMeeting = "cancel_meeting", Enter;
    /// Record an agreement with the family.
    MakeAgreement = "make_agreement", Enter;
    /// Settle an agreement with the family.
    SettleAgreement = "settle_agreement", Enter;
    /// Record that the situation has changed.
    RecordChange = "record_change", Enter;
    /// Refer the family to another organisation.
    MakeReferral = "make_referral", Write;
    /// Fill in and pack what is to be handed over on a referral.
    PrepareTransmission = "prepare_transmission", Write;
    /// Send it.
    SendTransmission = "send_transmission", Write;
    /// Record what became of a sending.
    ConcludeSending = "conclude_sending", Write;
    /// Record that the receiver was told the password.
    ConveyPassword = "convey_password", Write;
    /// Record that the receiver has confirmed.
    ConfirmReceipt = "confirm_receipt", Write;
    /// Destroy the packed copy of what was handed over.
    DestroyWorkingCopy = "destroy_working_copy", Write;
    /// Correct an entry that is wrong.
    CorrectEntry = "correct_entry", Write;
    /// Destroy a misfiled text or document.
    RedactContent = "redact_content", Write;
    /// Let a case rest.
    RestCase = "rest_case", Write;
    /// Take up a case that rested.
    ResumeCase = "resume_case", Write;
    /// Take up a closed case again.
    ReopenCase = "reopen_case", Write;
    /// Read without the usual right, for a reason and for a time.
    BreakGlass = "break_glass", Write;
    /// End such a right before its time.
    MendGlass = "mend_glass", Write;
    /// Change the status by itself.
    ChangeStatus = "change_status", Write;
    /// Open a consultation round.
    OpenRound = "open_round", Write;
    /// End a consultation round.
    EndRound = "end_round", Write;
    /// Invite an outsider to read along in a round.
    InviteGuest = "invite_guest", Write;
    /// Accept an invitation.
    AcceptInvitation = "accept_invitation", Write;
    /// Confirm that whoever accepted an invitation is the person meant.
    ConfirmGuest = "confirm_guest", Write;
    /// Take an invitation back.
    RevokeInvitation = "revoke_invitation", Write;
    /// Agree that a case is closed for a reason.
    AgreeToClosing = "agree_to_closing", Write;
    /// Take that back.
    TakeBackClosing = "take_back_closing", Write;
    /// Close a case, with a reason.
    CloseCase = "close_case", Write;
    /// Hand a closed case over to the archive.
    ArchiveCase = "archive_case", Archive;
    /// Destroy the keys and contents of an archived case.
    EraseCase = "erase_case", Archive;
    /// Build the package that the archive receives.
    BuildPackage = "build_package", Archive;
    /// Take a case out as a bundle that can be verified offline.
    ExportCase = "export_case", Archive;
    /// Forbid that anything of a case is destroyed.
    PlaceHold = "place_hold", Archive;
    /// Allow it again.
    LiftHold = "lift_hold", Archive;
    /// Register an organisation.
    RegisterOrganisation = "register_organisation", Administer;
    /// Let a person sign in.
    ActivateAccount = "activate_account", Administer;
    /// Let a person sign in no more.
    DeactivateAccount = "deactivate_account", Administer;
    /// Record that an organisation has signed an agreement.
    SignAgreement = "sign_agreement", Administer;
    /// End an organisation's agreement.
    EndAgreement = "end_agreement", Administer;
    /// Give an account a role.
    AssignRole = "assign_role", Administer;
    /// End an account's role.
    EndRole = "end_role", Administer;
    /// Set one's own contact data.
    SetContact = "set_contact", Administer;
    /// Say of what one wants to be told.
    SetNotificationPreferences = "set_notification_preferences", Administer;
    /// See one's own contact data and preferences.
    ViewContact = "view_contact", Administer;
    /// Open somebody's address in order to send something there.
    OpenContact = "open_contact", Administer;
    /// Let another program be told what happens.
    AddWebhook = "add_webhook", Administer;
    /// Let another program be told no more.
    RemoveWebhook = "remove_webhook", Administer;
    /// See which programs are told, and what could not be delivered.
    ViewDeliveries = "view_deliveries", Administer;
    /// Try to deliver once more what could not be delivered.
    RetryDelivery = "retry_delivery", Administer;
    /// Put a rule book into force.
    AdoptProfile = "adopt_profile", Administer;
    /// See how many cases, measures and consents of a kind there are.
    ViewNumbers = "view_numbers", Administer;
    /// See a case, or one section of it.
    ViewCase = "view_case", Read;
    /// See that a case exists, in a list.
    ListCase = "list_case", Read;
    /// Fetch a document's body.
    DownloadDocument = "download_document", Read;
    /// See what has happened in a case, event by event.
    ViewTimeline = "view_timeline", Read;
    /// Follow what happens in a case while it happens.
    WatchCase = "watch_case", Read;
    /// Search in a case's texts.
    SearchCase = "search_case", Read;
    /// Print a case.
    PrintCase = "print_case", Read;
    /// Ask who saw a case.
    AuditSaw = "audit_saw", Audit;
    /// Ask who could have seen a case.
    AuditCould = "audit_could", Audit;
    /// Ask from when until when each could see a case.
    AuditIntervals = "audit_intervals", Audit;
    /// Ask who could see a case but, as is known by now, should not have.
    AuditHindsight = "audit_hindsight", Audit;
    /// Ask what the ledger knew of a case at a moment, and what was true then.
    AuditKnew = "audit_knew", Audit;
    /// Ask what changed in a case between two positions.
    AuditChanged = "audit_changed", Audit;
    /// Ask for every time that somebody broke the glass over a case.
    AuditEmergencies = "audit_emergencies", Audit;
    /// Ask for how long who could look at a case before it was hidden from them.
    AuditExposure = "audit_exposure", Audit;
    /// Take out who did and saw what in a case, in a format of the field.
    ExportLog = "export_log", Audit;
    /// Ask on what a decision rested.
    AuditWhy = "audit_why", Audit;
    /// Ask who saw one's own case.
    AuditOwn = "audit_own", Audit;
    /// Ask what one person saw and did, in all cases.
    AuditPerson = "audit_person", Oversee;
    /// Ask for every time that somebody broke the glass, in all cases.
    AuditAllEmergencies = "audit_all_emergencies", Oversee;
    /// Ask for how long who could look at a case before it was hidden from them, in all cases.
    AuditAllExposures = "audit_all_exposures", Oversee;
    /// Ask what reading was unusual.
    AuditUnusual = "audit_unusual", Oversee;
}

impl Action {
    /// Whether it concerns one case; otherwise it concerns the ledger as a whole.
    pub const fn is_about_a_case(self) -> bool {
        !matches!(self.group(), ActionGroup::Administer | ActionGroup::Oversee)
    }

    /// Its place in [`Action::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Action {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.code() == text)
            .ok_or_else(|| InvalidId {
                kind: "action",
                given: text.chars().take(60).collect(),
                expected: "the code of an action, for example view_case",
            })
    }
}
