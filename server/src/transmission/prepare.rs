//! Preparing: write the form and the print, pack the form, seal all three, and only then record it.

use std::sync::Arc;

use ledger_core::{
    case::{NamedBody, PrepareTransmission, SealedBody},
    command::Rejection,
    ids::{CaseId, ReferralId},
    ledger::{Caller, Executed, Ledger, LedgerError, Occasion},
    profile::{Language, TransmissionRules},
};
use zeroize::Zeroizing;

use super::{Filling, PackError, Packer, Password, Person, SheetError, form, print};

/// What is to be prepared.
pub struct Order {
    /// In which case.
    pub case: CaseId,
    /// On which referral.
    pub referral: ReferralId,
    /// Whose data, and which.
    pub persons: Vec<Person>,
    /// In which language the family reads the print; none for that of the system.
    pub print_language: Option<Language>,
}

/// What was prepared.
pub struct Prepared {
    /// What was recorded.
    pub executed: Executed,
    /// The password, shown this once; nothing where the same request was carried out before.
    pub password: Option<Password>,
}

/// Why nothing was prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The ledger did not do it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A sheet could not be made.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The form could not be packed.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The work was cut off.
    #[error("the form was not finished")]
    CutOff,
}

struct Bodies {
    form: Zeroizing<Vec<u8>>,
    print: Zeroizing<Vec<u8>>,
    packed: Zeroizing<Vec<u8>>,
    titles: [String; 2],
    file_names: [String; 2],
    password: Password,
}

/// Prepares a transmission.
///
/// # Errors
/// As [`Ledger::execute`], and where the form cannot be made.
pub async fn prepare(
    ledger: &Ledger,
    packer: Arc<dyn Packer>,
    caller: &Caller,
    order: Order,
    occasion: &Occasion,
) -> Result<Prepared, PrepareError> {
    let Order {
        case,
        referral,
        persons,
        print_language,
    } = order;
    let known = ledger.preparing(caller, case, referral, occasion).await?;
    let rule_book = ledger
        .rule_book(&caller.tenant, &known.profile)
        .await?
        .ok_or_else(|| LedgerError::NoProfile(known.profile.clone()))?;
    let profile = rule_book.profile();
    let rules = profile.transmissions.clone().ok_or_else(|| {
        let message = "the profile does not say how data are handed over, so none are";
        LedgerError::from(Rejection::invalid(message))
    })?;
    let language = profile.language;
    let print_language = print_language
        .filter(|asked| profile.promises(*asked))
        .unwrap_or(language);
    let about = persons.iter().map(|person| person.party).collect();
    let (now, password) = (ledger.now(), Password::generate(ledger.entropy()));
    let date = profile.date_of(now);
    let (receiver, sender) = (known.receiver, known.sender);
    let reference = known.transmission.to_string();
    // Deriving the key takes a second or so of work.
    let written = tokio::task::spawn_blocking(move || {
        let filling = |language: Language, date: &str| -> Result<_, PrepareError> {
            let filling = Filling {
                language,
                receiver: &receiver,
                sender: &sender,
                reference: &reference,
                date,
                made_at: now,
            };
            let details: Vec<_> = persons.iter().map(|person| &person.details).collect();
            let sheets = (
                form(&rules.form, &filling, &details),
                print(&rules.print, &rules.form, &filling, &details),
            );
            Ok((sheets, file_names(&rules, &filling)))
        };
        let ((form, _), (form_name, _)) = filling(language, &day(date, language))?;
        let ((_, print), (_, print_name)) = filling(print_language, &day(date, print_language))?;
        let body = form.to_pdf()?;
        Ok::<_, PrepareError>(Bodies {
            packed: packer.pack(&form_name, &body, &password)?,
            form: body,
            print: print.to_pdf()?,
            titles: [form.title, print.title],
            file_names: [form_name, print_name],
            password,
        })
    });
    let bodies = written.await.map_err(|_| PrepareError::CutOff)??;
    let [form_title, print_title] = bodies.titles;
    let [form_name, print_name] = bodies.file_names;
    let named = |body: SealedBody, title, file_name| NamedBody {
        body,
        title,
        file_name,
    };
    let command = PrepareTransmission {
        transmission: known.transmission,
        referral,
        about,
        form: named(
            ledger.seal_body(caller, &bodies.form).await?,
            form_title,
            form_name,
        ),
        print: named(
            ledger.seal_body(caller, &bodies.print).await?,
            print_title,
            print_name,
        ),
        working_copy: ledger.seal_body(caller, &bodies.packed).await?,
    };
    let executed = ledger
        .prepare_transmission(caller, case, command, occasion)
        .await?;
    let password = (!executed.repeated).then_some(bodies.password);
    Ok(Prepared { executed, password })
}

fn file_names(rules: &TransmissionRules, filling: &Filling<'_>) -> (String, String) {
    let pdf = |names| format!("{}.pdf", filling.text(names));
    (pdf(&rules.form.file_name), pdf(&rules.print.file_name))
}

/// A date as people write it.
fn day(date: chrono::NaiveDate, language: Language) -> String {
    let pattern = match language {
        Language::Nl | Language::En => "%d/%m/%Y",
        Language::Nn | Language::Nb => "%d.%m.%Y",
    };
    date.format(pattern).to_string()
}
