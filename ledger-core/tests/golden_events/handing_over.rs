//! One of every event about what a family is told, where it is referred to, and what is handed over about it.

use ledger_core::{
    events::{
        InformationGiven, InformationGivenContent, PasswordConveyed, PasswordConveyedContent,
        ReferralMade, ReferralMadeContent, TransmissionFailed, TransmissionPrepared,
        TransmissionReceived, TransmissionReceivedContent, TransmissionSending,
        TransmissionSendingContent, TransmissionSent, WorkingCopyDestroyed,
    },
    ids::{AgreementId, DocumentId, ReferralId, TransmissionId},
};

use super::golden::{Golden, at, bare, case, code, digest, document, party, school, sealed, text};

fn referral() -> ReferralId {
    ReferralId::from_ulid(0x0199_5d1c_0010_1111_2222_3333_4444_5555_u128.into())
}

fn transmission() -> TransmissionId {
    TransmissionId::from_ulid(0x0199_5d1c_0011_1111_2222_3333_4444_5555_u128.into())
}

fn working_copy() -> DocumentId {
    DocumentId::from_ulid(0x0199_5d1c_0012_1111_2222_3333_4444_5555_u128.into())
}

pub(crate) fn of_handing_over() -> Vec<Golden> {
    let day = |text: &str| text.parse().expect("a date");
    vec![
        sealed(
            case(),
            InformationGiven {
                party: party(),
                items: vec![code("purpose"), code("to_whom")],
                receiver: Some(school()),
                told_at: at("2026-02-27T10:00:00Z"),
            },
            &InformationGivenContent {
                remark: text("Met een tolk"),
            },
        ),
        sealed(
            case(),
            ReferralMade {
                referral: referral(),
                kind: code("psychosocial"),
                subtype: code("welfare_centre"),
                shares_data: true,
                receiver: Some(school()),
            },
            &ReferralMadeContent {
                remark: text("Hulp met de huur"),
            },
        ),
        bare(
            case(),
            TransmissionPrepared {
                transmission: transmission(),
                referral: referral(),
                receiver: school(),
                about: vec![party()],
                form: document(),
                print: DocumentId::from_ulid(0x0199_5d1c_0013_1111_2222_3333_4444_5555_u128.into()),
                working_copy: working_copy(),
                working_copy_bytes: 21_400,
                working_copy_commitment: digest(5),
                destroy_by: day("2026-03-16"),
            },
        ),
        sealed(
            case(),
            TransmissionSending {
                transmission: transmission(),
                attempt: 1,
                agreement: AgreementId::from_ulid(
                    0x0199_5d1c_0014_1111_2222_3333_4444_5555_u128.into(),
                ),
            },
            &TransmissionSendingContent {
                mailbox: text("intake@welfare.example"),
                message_id: text("transmission.01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            },
        ),
        bare(
            case(),
            TransmissionSent {
                transmission: transmission(),
                found_out: false,
                password_by: day("2026-03-03"),
                receipt_by: day("2026-03-09"),
            },
        ),
        bare(
            case(),
            TransmissionFailed {
                transmission: transmission(),
                code: code("refused_for_now"),
                reply: Some(451),
            },
        ),
        sealed(
            case(),
            PasswordConveyed {
                transmission: transmission(),
                channel: code("sms"),
            },
            &PasswordConveyedContent {
                remark: text("Aan de maatschappelijk werker"),
            },
        ),
        sealed(
            case(),
            TransmissionReceived {
                transmission: transmission(),
            },
            &TransmissionReceivedContent {
                remark: text("Telefonisch bevestigd"),
            },
        ),
        bare(
            case(),
            WorkingCopyDestroyed {
                transmission: transmission(),
                working_copy: working_copy(),
            },
        ),
    ]
}
