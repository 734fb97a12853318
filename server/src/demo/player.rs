//! Plays a story through the ledger's own commands. Nothing here can do what the rules would not let a person do.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, anyhow, bail};
use ledger_core::{
    command::{LookupValue, RejectionCode},
    event::CorrelationId,
    events::Event,
    ids::{AccountId, CaseId, Code, ConsentId, OrganisationId, PartyId, Position},
    ledger::{
        Caller, DocumentDescription, Executed, InvitationToken, Ledger, LedgerError, Look,
        NewInvitation, Occasion,
    },
    profile::{Assurance, Profile, RuleBookText},
};

use super::{
    commands,
    state::{Log, Played, Stage},
    story::{Deed, Step, Story},
};

/// The largest document of a story, in bytes.
const DOCUMENT_BYTES_MAX: u64 = 64 * 1024;

/// A story that is being played.
pub(super) struct Player<'a> {
    pub(super) ledger: &'a Arc<Ledger>,
    pub(super) story: &'a Story,
    pub(super) profile: &'a Profile,
    pub(super) stage: &'a Stage,
    pub(super) played: Played,
    /// The secrets of invitations, by their labels. They are told to nobody else, and stored nowhere.
    tokens: BTreeMap<String, InvitationToken>,
}

/// Somebody of the story, as whom something is done.
pub(super) fn caller(stage: &Stage, person: &str) -> anyhow::Result<Caller> {
    Ok(Caller {
        tenant: stage.tenant.clone(),
        account: account(stage, person)?,
        issuer: "demo".parse().expect("a word of a-z is a code"),
        assurance: Assurance::High,
    })
}

/// The account of somebody of the story.
pub(super) fn account(stage: &Stage, person: &str) -> anyhow::Result<AccountId> {
    let account = stage.accounts.get(person);
    account
        .copied()
        .ok_or_else(|| anyhow!("the story has nobody called {person}"))
}

/// The circumstances of one deed.
pub(super) fn occasion(ledger: &Ledger) -> Occasion {
    Occasion::new(CorrelationId::generate(ledger.entropy()))
}

impl<'a> Player<'a> {
    pub(super) fn new(
        ledger: &'a Arc<Ledger>,
        story: &'a Story,
        profile: &'a Profile,
        stage: &'a Stage,
    ) -> Self {
        Self {
            ledger,
            story,
            profile,
            stage,
            played: Played::default(),
            tokens: BTreeMap::new(),
        }
    }

    /// Plays every step; `told` hears how many are done.
    pub(super) async fn play(mut self, told: impl Fn(u64, u64)) -> anyhow::Result<Played> {
        let steps = self.story.steps.len() as u64;
        for (done, step) in (1..).zip(&self.story.steps) {
            let first = self
                .step(step)
                .await
                .with_context(|| format!("step {done} of the story, by {}", step.who))?;
            if let (Some(label), Some(first)) = (&step.label, first) {
                self.played.labels.insert(label.clone(), first);
            }
            told(done, steps);
        }
        Ok(self.played)
    }

    /// Carries out one step; gives the position of its first event.
    async fn step(&mut self, step: &Step) -> anyhow::Result<Option<Position>> {
        let done = self.carry_out(step).await;
        let error = done.as_ref().err().and_then(|error| error.downcast_ref());
        if let Some(requirement) = step.rejected {
            return match error {
                Some(LedgerError::Rejected(rejection))
                    if rejection.requirement == Some(requirement) =>
                {
                    Ok(None)
                }
                _ => {
                    done?;
                    bail!("this was to be rejected because of {requirement}, and was not")
                }
            };
        }
        let refused = matches!(error, Some(LedgerError::NotFound | LedgerError::Refused(_)));
        match (step.refused, refused) {
            (false, _) => done,
            (true, true) => Ok(None),
            (true, false) => {
                done?;
                bail!("the rules were to refuse this, and did not")
            }
        }
    }

    async fn carry_out(&mut self, step: &Step) -> anyhow::Result<Option<Position>> {
        let caller = caller(self.stage, &step.who)?;
        let occasion = occasion(self.ledger);
        if let Some(look) = self.look_of(step)? {
            let case = self.log(&step.log)?.case;
            let shown = self.ledger.look(&caller, case, &look, &occasion).await?;
            return Ok(Some(shown.view.first));
        }
        match &step.deed {
            Deed::List { logs } => {
                for log in logs {
                    let case = self.log(log)?.case;
                    self.ledger
                        .look(&caller, case, &Look::List, &occasion)
                        .await?;
                }
                Ok(None)
            }
            Deed::Invite { round, email } => {
                let log = self.log(&step.log)?;
                let invitation = NewInvitation {
                    round: commands::made(log, round)?,
                    email: email.clone(),
                    role: None,
                    expires_on: None,
                    by_mail: false,
                };
                let (ledger, case) = (self.ledger, log.case);
                let (done, token) = ledger.invite(&caller, case, invitation, &occasion).await?;
                self.remember(step, &done)?;
                if let (Some(label), Some(token)) = (&step.label, token) {
                    self.tokens.insert(label.clone(), token);
                }
                Ok(Some(done.first))
            }
            Deed::Accept { invitation } => {
                let token = self.tokens.get(invitation);
                let token = token.ok_or_else(|| anyhow!("no invitation is called {invitation}"))?;
                let name = &self.person(&step.who)?.name;
                let (ledger, secret) = (self.ledger, token.expose());
                let done = ledger
                    .accept_invitation(&caller, &secret, name, &occasion)
                    .await?;
                Ok(Some(done.first))
            }
            Deed::Download => self.download(&caller, step, &occasion).await.map(|()| None),
            Deed::Document {
                section,
                title,
                file_name,
                body,
            } => {
                let description = DocumentDescription {
                    section: section.clone(),
                    format: "text".parse().expect("a word of a-z is a code"),
                    title: title.clone(),
                    file_name: file_name.clone(),
                };
                let case = self.log(&step.log)?.case;
                let filed = self
                    .upload(&caller, case, description, body, &occasion)
                    .await?;
                self.remember(step, &filed)?;
                Ok(Some(filed.first))
            }
            _ => {
                if let Some(done) = self.hand_over(&caller, step, &occasion).await? {
                    self.remember(step, &done)?;
                    return Ok(Some(done.first));
                }
                let (case, command) = self.command(step)?;
                let done = self
                    .ledger
                    .execute(&caller, case, command, &occasion)
                    .await?;
                self.remember(step, &done)?;
                Ok(Some(done.first))
            }
        }
    }

    /// The look that a step is, if it is one.
    #[expect(clippy::unused_self, reason = "reads like the other steps")]
    fn look_of(&self, step: &Step) -> anyhow::Result<Option<Look>> {
        Ok(Some(match &step.deed {
            Deed::Look => Look::Case,
            Deed::Print => Look::Print,
            Deed::Search { national_id } => {
                let plain: String = national_id.split_whitespace().collect();
                Look::Found(LookupValue::NationalId(plain))
            }
            _ => return Ok(None),
        }))
    }

    /// Keeps the ids of what was made.
    fn remember(&mut self, step: &Step, done: &Executed) -> anyhow::Result<()> {
        for event in &done.decided {
            let begins = match event {
                Event::OpeningCleared(facts) => Some(facts.case),
                Event::CaseOpened(facts) => Some(facts.case),
                _ => None,
            };
            if let Some(case) = begins {
                let logs = &mut self.played.logs;
                logs.entry(step.log.clone())
                    .or_insert_with(|| Log::new(case));
            }
            let log = self.log_mut(&step.log)?;
            match event {
                Event::PartyAdded(facts) => {
                    let person = match &step.deed {
                        Deed::LetIn { person, .. } | Deed::Confirm { person, .. } => person,
                        _ => &step.who,
                    };
                    log.parties.insert(person.clone(), facts.party);
                }
                Event::ConsentGiven(facts) => {
                    let giver = match &step.deed {
                        Deed::PaperConsent { by, .. } => by,
                        _ => &step.who,
                    };
                    let of_kind = log.consents.entry(facts.kind.to_string()).or_default();
                    of_kind.insert(giver.clone(), facts.consent);
                }
                Event::DocumentAdded(facts) => log.documents.push(facts.document),
                _ => {}
            }
            if let (Some(label), Some(id)) = (&step.label, made(event)) {
                log.made.insert(label.clone(), id);
            }
        }
        Ok(())
    }

    async fn upload(
        &self,
        caller: &Caller,
        case: CaseId,
        description: DocumentDescription,
        body: &str,
        occasion: &Occasion,
    ) -> anyhow::Result<Executed> {
        let section = description.section.clone();
        let mut upload = self
            .ledger
            .upload(caller, case, section, DOCUMENT_BYTES_MAX, occasion)
            .await?;
        upload.write(body.trim_start().as_bytes()).await?;
        Ok(upload.finish(description, occasion).await?)
    }

    async fn download(
        &self,
        caller: &Caller,
        step: &Step,
        occasion: &Occasion,
    ) -> anyhow::Result<()> {
        let log = self.log(&step.log)?;
        let document = log
            .documents
            .last()
            .context("the log has no document yet")?;
        let mut download = self
            .ledger
            .download(caller, log.case, *document, occasion)
            .await?;
        while download.next().await?.is_some() {}
        Ok(())
    }

    pub(super) fn person(&self, name: &str) -> anyhow::Result<&'a super::story::Person> {
        let person = self.story.people.get(name);
        person.ok_or_else(|| anyhow!("the story has nobody called {name}"))
    }

    pub(super) fn organisation(&self, name: &str) -> anyhow::Result<OrganisationId> {
        let organisation = self.stage.organisations.get(name);
        organisation
            .copied()
            .ok_or_else(|| anyhow!("the story has no organisation {name}"))
    }

    pub(super) fn log(&self, name: &str) -> anyhow::Result<&Log> {
        let log = self.played.logs.get(name);
        log.ok_or_else(|| anyhow!("the log {name} was not opened yet"))
    }

    fn log_mut(&mut self, name: &str) -> anyhow::Result<&mut Log> {
        let log = self.played.logs.get_mut(name);
        log.ok_or_else(|| anyhow!("the log {name} was not opened yet"))
    }
}

/// The id of what later steps may speak of.
fn made(event: &Event) -> Option<String> {
    Some(match event {
        Event::MeasurePlanned(facts) => facts.measure.to_string(),
        Event::MeetingPlanned(facts) => facts.meeting.to_string(),
        Event::AgreementMade(facts) => facts.agreement.to_string(),
        Event::BatonOffered(facts) => facts.handover.to_string(),
        Event::DocumentAdded(facts) => facts.document.to_string(),
        Event::RoundOpened(facts) => facts.round.to_string(),
        Event::GuestInvited(facts) => facts.invitation.to_string(),
        Event::ReferralMade(facts) => facts.referral.to_string(),
        Event::TransmissionPrepared(facts) => facts.transmission.to_string(),
        _ => return None,
    })
}

pub(super) fn party(log: &Log, person: &str) -> anyhow::Result<PartyId> {
    let party = log.parties.get(person);
    party
        .copied()
        .ok_or_else(|| anyhow!("{person} takes no part in the log"))
}

pub(super) fn consent(log: &Log, kind: &Code, person: &str) -> anyhow::Result<ConsentId> {
    let consent = log
        .consents
        .get(kind.as_str())
        .and_then(|given| given.get(person));
    consent
        .copied()
        .ok_or_else(|| anyhow!("{person} gave no consent {kind}"))
}

/// Whether a command failed only because its effect is there already: an interrupted start has got that far.
pub(super) fn done_before<T>(result: Result<T, LedgerError>) -> Result<(), LedgerError> {
    match result {
        Ok(_) => Ok(()),
        Err(LedgerError::Rejected(rejection)) if rejection.code == RejectionCode::AlreadyThere => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The rule book of the story, by its name.
pub(super) fn rule_book_text(story: &Story) -> anyhow::Result<RuleBookText> {
    let (own, profile) = (&story.rule_book, &story.profile);
    own.clone()
        .or_else(|| RuleBookText::built_in(profile.as_str()))
        .ok_or_else(|| anyhow!("no rule book {profile} comes with this program"))
}
