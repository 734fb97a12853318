//! A family that is referred to a welfare centre, and what is handed over about it, step by step.

use std::sync::{Arc, LazyLock};

use super::{
    built_in, case_id, code, consent, day, document, father, gave, mother, referral, school,
    takes_part, transmission, welfare_centre, yesterday,
};
use crate::{
    access::RuleBook,
    case::{NamedBody, SealedBody},
    events::{
        CaseOpened, ConsentGiven, DocumentAdded, Event, InformationGiven, PasswordConveyed,
        ReferralMade, TransmissionFailed, TransmissionPrepared, TransmissionReceived,
        TransmissionSending, TransmissionSent, WorkingCopyDestroyed,
    },
    ids::{AgreementId, Digest, DocumentId, TransmissionId},
};

/// The rule book of Mirage, as it comes with the program.
pub(crate) static MIRAGE: LazyLock<Arc<RuleBook>> = LazyLock::new(|| built_in("mirage-ocmw"));

pub(crate) fn mirage() -> Arc<RuleBook> {
    Arc::clone(&MIRAGE)
}

/// The document ids of form, print and packed copy.
pub(crate) fn form() -> DocumentId {
    document()
}

pub(crate) fn print() -> DocumentId {
    DocumentId::from_ulid(52_u128.into())
}

pub(crate) fn packed() -> DocumentId {
    DocumentId::from_ulid(53_u128.into())
}

/// A body of ten bytes that lies in the store.
pub(crate) fn sealed(document: DocumentId) -> SealedBody {
    SealedBody {
        document,
        size_bytes: 10,
        commitment: Digest([1; 32]),
    }
}

pub(crate) fn named(document: DocumentId, title: &str) -> NamedBody {
    NamedBody {
        body: sealed(document),
        title: title.to_owned(),
        file_name: format!("{title}.pdf"),
    }
}

/// A file of a mother and a father.
pub(crate) fn family() -> Vec<Event> {
    let opened = CaseOpened {
        case: case_id(),
        profile: MIRAGE.profile().id.clone(),
        unit: school(),
        status: code("open"),
        kind: None,
        submitted_to: None,
    };
    vec![
        opened.into(),
        takes_part(mother(), "parent"),
        takes_part(father(), "parent"),
    ]
}

/// The mother lets her data go to the welfare centre.
pub(crate) fn lets_share() -> ConsentGiven {
    ConsentGiven {
        kind: code("data_sharing"),
        form: code("spoken"),
        services: vec![welfare_centre()],
        ..gave(consent(), mother())
    }
}

pub(crate) fn refers(subtype: &str, shares_data: bool) -> ReferralMade {
    ReferralMade {
        referral: referral(),
        kind: code("psychosocial"),
        subtype: code(subtype),
        shares_data,
        receiver: Some(welfare_centre()),
    }
}

/// A form in the referrals of the file.
pub(crate) fn filed_with_referral(document: DocumentId) -> Event {
    DocumentAdded {
        document,
        section: code("referrals"),
        format: code("pdf"),
        size_bytes: 10,
        body_commitment: Digest([1; 32]),
    }
    .into()
}

pub(crate) fn prepared() -> TransmissionPrepared {
    TransmissionPrepared {
        transmission: transmission(),
        referral: referral(),
        receiver: welfare_centre(),
        about: vec![mother()],
        form: form(),
        print: print(),
        working_copy: packed(),
        working_copy_bytes: 10,
        working_copy_commitment: Digest([1; 32]),
        destroy_by: day("2026-03-16"),
    }
}

/// The mother was referred, has consented, and a form about her is prepared: eight events.
pub(crate) fn ready() -> Vec<Event> {
    let mut events = family();
    events.extend([
        lets_share().into(),
        refers("ocmw", true).into(),
        filed_with_referral(form()),
        filed_with_referral(print()),
        prepared().into(),
    ]);
    events
}

/// The same, and what happened since.
pub(crate) fn ready_and(since: impl IntoIterator<Item = Event>) -> Vec<Event> {
    ready().into_iter().chain(since).collect()
}

/// The agreement whose mailbox it goes to.
pub(crate) fn cooperation() -> AgreementId {
    AgreementId::from_ulid(92_u128.into())
}

pub(crate) fn sending(attempt: u32) -> Event {
    TransmissionSending {
        transmission: transmission(),
        attempt,
        agreement: cooperation(),
    }
    .into()
}

pub(crate) fn failed() -> Event {
    TransmissionFailed {
        transmission: transmission(),
        code: code("refused_for_now"),
        reply: Some(451),
    }
    .into()
}

pub(crate) fn sent(found_out: bool) -> Event {
    TransmissionSent {
        transmission: transmission(),
        found_out,
        password_by: day("2026-03-03"),
        receipt_by: day("2026-03-09"),
    }
    .into()
}

pub(crate) fn conveyed() -> Event {
    PasswordConveyed {
        transmission: transmission(),
        channel: code("sms"),
    }
    .into()
}

pub(crate) fn received() -> Event {
    TransmissionReceived {
        transmission: transmission(),
    }
    .into()
}

pub(crate) fn destroyed() -> Event {
    destroyed_of(transmission())
}

pub(crate) fn destroyed_of(transmission: TransmissionId) -> Event {
    WorkingCopyDestroyed {
        transmission,
        working_copy: packed(),
    }
    .into()
}

/// The mother was told two of the five items about the welfare centre.
pub(crate) fn told() -> InformationGiven {
    InformationGiven {
        party: mother(),
        items: vec![code("purpose"), code("which_data")],
        receiver: Some(welfare_centre()),
        told_at: yesterday(),
    }
}
