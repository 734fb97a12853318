//! NEN 7513 (logging of actions on electronic patient files), as a table and in JSON. The fields are named as the Logius
//! extension of Logboek dataverwerkingen names them (logboek-extensie-nen7513, "Technische specificatie"); their codes are
//! those of RFC 3881, on which the standard rests.
//!
//! What cannot be filled is left empty, in both forms: an alternate user id and the network address, which the ledger does
//! not keep, and the name of whom the case is about. Two fields are of the ledger's own: the position, by which the event
//! can be proved, and the organisation that the standard's client view asks for.

use ledger_core::{
    event::Actor,
    ids::{Code, Position},
    store::Recorded,
};
use serde::Serialize;

use super::{
    deed::Deed,
    known::{self, Known},
};

/// The table's first line.
pub(super) const HEADER: &str = "ledgerPosition,eventID,eventActionCode,eventDateTime,eventOutcomeIndicator,eventTypeCode,\
    userID,alternateUserID,userName,userIsRequestor,roleIDCode,userOrganisationID,userOrganisationName,purposeOfUse,\
    networkAccessPointTypeCode,networkAccessPointID,participantObjectTypeCode,participantObjectTypeCodeRole,\
    participantObjectDataLifeCycle,participantObjectIDTypeCode,participantObjectPermissionPolicySet,\
    participantObjectSensitivity,participantObjectID,participantObjectName,participantObjectDetail,\
    auditEnterpriseSiteID,auditSourceID,auditSourceTypeCode,autorisatieProtocol,behandelrelatieProtocol,\
    toestemmingsProfiel,controles\r\n";

/// One action.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    ledger_position: Position,
    #[serde(rename = "eventID")]
    event_id: &'static str,
    event_action_code: &'static str,
    event_date_time: String,
    event_outcome_indicator: &'static str,
    event_type_code: &'static str,
    users: [User; 1],
    participants: Vec<Participant>,
    #[serde(rename = "auditEnterpriseSiteID")]
    audit_enterprise_site_id: String,
    #[serde(rename = "auditSourceID")]
    audit_source_id: String,
    audit_source_type_code: &'static str,
    autorisatie_protocol: String,
    behandelrelatie_protocol: String,
    toestemmings_profiel: String,
    controles: String,
}

/// Who did it.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the standard"
)]
struct User {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "alternateUserID")]
    alternate_user_id: &'static str,
    user_name: String,
    user_is_requestor: bool,
    #[serde(rename = "roleIDCode")]
    role_id_code: String,
    #[serde(rename = "userOrganisationID")]
    user_organisation_id: String,
    user_organisation_name: String,
    purpose_of_use: String,
    network_access_point_type_code: &'static str,
    #[serde(rename = "networkAccessPointID")]
    network_access_point_id: &'static str,
}

/// On what it was done.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the standard"
)]
struct Participant {
    participant_object_type_code: &'static str,
    participant_object_type_code_role: &'static str,
    participant_object_data_life_cycle: &'static str,
    #[serde(rename = "participantObjectIDTypeCode")]
    participant_object_id_type_code: String,
    participant_object_permission_policy_set: String,
    participant_object_sensitivity: &'static str,
    #[serde(rename = "participantObjectID")]
    participant_object_id: String,
    participant_object_name: &'static str,
    participant_object_detail: String,
}

/// One object for each action.
pub(super) fn json(known: &Known<'_>) -> Vec<String> {
    let actions = known.log.asked().map(|recorded| action(known, recorded));
    actions
        .map(|action| {
            serde_json::to_string(&action)
                .expect("an action has text keys only and no failing serializer")
        })
        .collect()
}

/// One line for each action: the case that it was done in is its object, and what was shown or changed of it the detail.
pub(super) fn csv(known: &Known<'_>) -> Vec<String> {
    let actions = known.log.asked().map(|recorded| action(known, recorded));
    actions.map(|action| line(&action)).collect()
}

fn action(known: &Known<'_>, recorded: &Recorded) -> Action {
    let envelope = &recorded.envelope;
    let deed = Deed::of(recorded);
    let consents = known.consents(recorded);
    let basis = envelope.basis.as_ref();
    let policies = basis.map(|basis| joined(basis.policies.iter().map(Code::as_str)));
    let policies = policies.unwrap_or_default();
    let version = basis.map(|basis| {
        let system = known.names.one("systems", &basis.profile);
        format!("{system}#{}", basis.profile_digest)
    });
    Action {
        ledger_position: recorded.position,
        event_id: event_id(deed),
        event_action_code: deed.action(),
        event_date_time: envelope
            .recorded_at
            .to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        event_outcome_indicator: match deed {
            Deed::Refuse(..) if consents.is_empty() => "4",
            Deed::Refuse(..) => "8",
            _ => "0",
        },
        event_type_code: recorded.event.event_type(),
        users: [user(known, recorded)],
        participants: participants(known, recorded, deed, &policies),
        audit_enterprise_site_id: envelope.tenant.to_string(),
        audit_source_id: known.names.ledger().to_owned(),
        audit_source_type_code: "4",
        autorisatie_protocol: version.unwrap_or_default(),
        behandelrelatie_protocol: policies,
        toestemmings_profiel: joined(consents.iter().map(|(consent, _)| consent.to_string())),
        controles: match &envelope.actor {
            Actor::Staff { assurance, .. } | Actor::Party { assurance, .. } => {
                format!("assurance={}", word(assurance))
            }
            Actor::Operator => String::new(),
        },
    }
}

/// EventID of DICOM PS3.15 A.5.3: which kind of event.
const fn event_id(deed: Deed<'_>) -> &'static str {
    match deed {
        Deed::Create | Deed::Read | Deed::Copy | Deed::Update | Deed::Archive | Deed::Destroy => {
            "110110"
        }
        Deed::Find => "110112",
        Deed::Disclose => "110106",
        Deed::BreakGlass | Deed::MendGlass | Deed::Refuse(..) => "110113",
        Deed::Audit => "110101",
    }
}

fn user(known: &Known<'_>, recorded: &Recorded) -> User {
    let mut purposes: Vec<&str> = recorded.envelope.purpose.iter().map(Code::as_str).collect();
    if known.is_emergency(recorded) {
        // As HL7 names it: break the glass.
        purposes.push("BTG");
    }
    let common = User {
        user_is_requestor: true,
        purpose_of_use: joined(purposes),
        ..User::default()
    };
    match &recorded.envelope.actor {
        Actor::Staff {
            account,
            role,
            organisation,
            ..
        } => User {
            user_id: known.names.one("accounts", account),
            user_name: known.account(*account).unwrap_or_default().to_owned(),
            role_id_code: role.as_ref().map(ToString::to_string).unwrap_or_default(),
            user_organisation_id: organisation
                .map(|id| known.names.one("organisations", id))
                .unwrap_or_default(),
            user_organisation_name: organisation
                .and_then(|id| known.organisation(id))
                .unwrap_or_default()
                .to_owned(),
            ..common
        },
        Actor::Party { party, role, .. } => User {
            user_id: known.names.one("parties", party),
            role_id_code: role.to_string(),
            ..common
        },
        Actor::Operator => User {
            user_id: known.names.ledger().to_owned(),
            user_name: "operator".to_owned(),
            ..common
        },
    }
}

fn participants(
    known: &Known<'_>,
    recorded: &Recorded,
    deed: Deed<'_>,
    policies: &str,
) -> Vec<Participant> {
    let of = |type_code, role, kind: &str, id: String, detail| Participant {
        participant_object_type_code: type_code,
        participant_object_type_code_role: role,
        participant_object_data_life_cycle: deed.life_cycle(),
        participant_object_id_type_code: known.names.all(kind),
        participant_object_permission_policy_set: policies.to_owned(),
        participant_object_sensitivity: "",
        participant_object_id: id,
        participant_object_name: "",
        participant_object_detail: detail,
    };
    let case = known.log.case.to_string();
    let mut participants = vec![of("1", "1", "cases", case, detail(recorded, deed))];
    if let Some(document) = known::document(recorded) {
        participants.push(of(
            "2",
            "3",
            "documents",
            document.to_string(),
            String::new(),
        ));
    }
    if let Some(consent) = known::consent(recorded) {
        participants.push(of(
            "2",
            "13",
            "consents",
            consent.to_string(),
            String::new(),
        ));
    }
    if let Some(receiver) = known.receiver(recorded) {
        participants.push(of(
            "3",
            "16",
            "organisations",
            receiver.to_string(),
            String::new(),
        ));
    }
    participants
}

fn detail(recorded: &Recorded, deed: Deed<'_>) -> String {
    let sections = joined(known::sections(recorded).iter().map(Code::as_str));
    match deed {
        Deed::Refuse(action, count) => format!("{action} x{count}"),
        _ if sections.is_empty() => String::new(),
        _ => format!("sections: {sections}"),
    }
}

fn joined<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word.as_ref());
    }
    text
}

fn word(value: &impl Serialize) -> String {
    let word = serde_json::to_value(value).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

fn line(action: &Action) -> String {
    let [user] = &action.users;
    let position = action.ledger_position.to_string();
    let mut cells = vec![
        position.as_str(),
        action.event_id,
        action.event_action_code,
        &action.event_date_time,
        action.event_outcome_indicator,
        action.event_type_code,
        &user.user_id,
        user.alternate_user_id,
        &user.user_name,
        if user.user_is_requestor {
            "true"
        } else {
            "false"
        },
        &user.role_id_code,
        &user.user_organisation_id,
        &user.user_organisation_name,
        &user.purpose_of_use,
        user.network_access_point_type_code,
        user.network_access_point_id,
    ];
    let others: Vec<String> = action.participants[1..]
        .iter()
        .map(|it| {
            format!(
                "{}/{}",
                it.participant_object_id_type_code, it.participant_object_id
            )
        })
        .collect();
    let [of, ..] = &action.participants[..] else {
        return String::new();
    };
    let detail = joined(
        [&of.participant_object_detail]
            .into_iter()
            .chain(&others)
            .filter(|detail| !detail.is_empty()),
    );
    cells.extend([
        of.participant_object_type_code,
        of.participant_object_type_code_role,
        of.participant_object_data_life_cycle,
        &of.participant_object_id_type_code,
        &of.participant_object_permission_policy_set,
        of.participant_object_sensitivity,
        &of.participant_object_id,
        of.participant_object_name,
        &detail,
        &action.audit_enterprise_site_id,
        &action.audit_source_id,
        action.audit_source_type_code,
        &action.autorisatie_protocol,
        &action.behandelrelatie_protocol,
        &action.toestemmings_profiel,
        &action.controles,
    ]);
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell as RFC 4180 quotes it. One that a spreadsheet would calculate begins with an apostrophe: a name is chosen by
/// people, and must not be a program to whoever opens the table.
fn cell(text: &str) -> String {
    let calculated = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if calculated {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_is_no_program() {
        for (text, written) in [
            ("Øystese skule", "Øystese skule"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=1+1", "'=1+1"),
            ("@home, 2", "\"'@home, 2\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn the_header_has_a_name_for_each_cell() {
        let names: Vec<&str> = HEADER.trim_end().split(',').collect();
        assert_eq!(names.len(), 32);
        assert!(
            names
                .iter()
                .all(|name| name.chars().all(char::is_alphanumeric))
        );
    }
}
