//! Cases, consent and holds; retention; and what the people concerned are told.

use std::collections::{BTreeMap, btree_map::Entry};

use sealcast_client::Session;
use sealcast_contracts::{
    CaseId, RoomId, UserId,
    audit::{AccessAction, Approval, Case, Hold, NewCase, Scope},
};
use time::{Duration, OffsetDateTime};

use crate::{
    args::{Action, Answer, CaseAction, CaseOpen, RetentionAction, RetentionSet, ScopeArgs},
    failure::Failure,
    output::{Output, plain, time_text},
    workplace::{Workplace, find_account},
};

pub async fn run(action: CaseAction, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    match action {
        CaseAction::Open(args) => show(output, &open(args, &session).await?),
        CaseAction::List => session.cases().await?.iter().try_for_each(|case| line(output, case)),
        CaseAction::Show { case } => show(output, &find(&session, &case).await?),
        CaseAction::Close { case, note } => show(output, &session.close_case(find(&session, &case).await?.case_id, &note).await?),
        CaseAction::Ask { case, action, reason } => {
            let case = find(&session, &case).await?;
            let asked = session.request_approval(case.case_id, action.into(), &reason).await?;
            output.line(|| approval_text(&asked), &asked)
        }
        CaseAction::Approve(answer) => decide(answer, true, &session, output).await,
        CaseAction::Refuse(answer) => decide(answer, false, &session, output).await,
        CaseAction::Hold { case, reason, scope } => {
            let case = find(&session, &case).await?;
            let hold = session.place_hold(case.case_id, &self::scope(scope, &session).await?, &reason).await?;
            show_hold(output, &hold)
        }
        CaseAction::Holds => session.holds().await?.iter().try_for_each(|hold| show_hold(output, hold)),
        CaseAction::Release { hold, reason } => show_hold(output, &session.release_hold(hold, &reason).await?),
    }
}

/// Who looked at the caller's own messages.
pub async fn accesses(workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    let accesses = session.accesses().await?;
    let mut names = BTreeMap::new();
    for access in accesses {
        for user_id in [Some(access.officer), access.approver].into_iter().flatten() {
            if let Entry::Vacant(name) = names.entry(user_id) {
                name.insert(plain(&session.account(user_id).await?.username));
            }
        }
        let consent =
            access.approver.and_then(|approver| names.get(&approver)).map_or(String::new(), |name| format!(" and {name}"));
        let officer = names.get(&access.officer).cloned().unwrap_or_default();
        let text = || {
            let (at, action, case) = (time_text(access.at), access.action.as_str(), plain(&access.case_number));
            let basis = plain(&access.legal_basis);
            format!(
                "{at}  {action:<8} {} messages  {officer}{consent}  case {case} ({basis})  leaf {}",
                access.messages, access.leaf_index
            )
        };
        output.line(text, &access)?;
    }
    Ok(())
}

pub async fn retention(action: RetentionAction, workplace: &Workplace, output: &Output) -> Result<(), Failure> {
    let session = workplace.session().await?;
    let rules = match action {
        RetentionAction::List => session.retention().await?,
        RetentionAction::Set(RetentionSet { room, days, .. }) => {
            let room_id = match room {
                Some(room) => Some(find_room(&session, &room).await?),
                None => None,
            };
            vec![session.set_retention(room_id, days).await?]
        }
    };
    for rule in rules {
        let text = || {
            let what = rule.room_id.map_or_else(|| "organisation".to_owned(), |room_id| format!("room {room_id}"));
            let days = rule.days.map_or_else(|| "no rule".to_owned(), |days| format!("{days} days"));
            format!("{what}  {days}  since {}  leaf {}", time_text(rule.set_at), rule.leaf_index)
        };
        output.line(text, &rule)?;
    }
    Ok(())
}

/// The case with this number or id.
pub async fn find(session: &Session, text: &str) -> Result<Case, Failure> {
    if let Ok(case_id) = text.parse::<CaseId>() {
        return Ok(session.case(case_id).await?);
    }
    let cases = session.cases().await?;
    cases.into_iter().find(|case| case.number == text).ok_or_else(|| Failure::NoSuchCase(text.to_owned()))
}

async fn open(args: CaseOpen, session: &Session) -> Result<Case, Failure> {
    let CaseOpen { number, reason, legal_basis, days, sealed_until, scope } = args;
    let expires_at = OffsetDateTime::now_utc() + Duration::days(days.into());
    let scope = self::scope(scope, session).await?;
    Ok(session.open_case(&NewCase { number, reason, legal_basis, expires_at, scope, sealed_until }).await?)
}

async fn scope(args: ScopeArgs, session: &Session) -> Result<Scope, Failure> {
    let mut scope = Scope { from: args.times.from, to: args.times.to, ..Scope::default() };
    for room in &args.rooms {
        scope.rooms.push(find_room(session, room).await?);
    }
    for person in &args.people {
        scope.people.push(find_account(session, person).await?.user_id);
    }
    Ok(scope)
}

/// An officer knows rooms by their ids that it is in none of.
async fn find_room(session: &Session, text: &str) -> Result<RoomId, Failure> {
    match text.parse() {
        Ok(room_id) => Ok(room_id),
        Err(_) => Ok(session.find_room(text).await?.room_id),
    }
}

async fn decide(answer: Answer, granted: bool, session: &Session, output: &Output) -> Result<(), Failure> {
    let case = find(session, &answer.case).await?;
    let decided = session.decide_approval(case.case_id, answer.approval, granted, &answer.reason, None).await?;
    output.line(|| approval_text(&decided), &decided)
}

fn line(output: &Output, case: &Case) -> Result<(), Failure> {
    let text = || {
        let state = match case.closed_at {
            Some(at) => format!("closed {}", time_text(at)),
            None if case.expires_at <= OffsetDateTime::now_utc() => "expired".to_owned(),
            None => format!("until {}", time_text(case.expires_at)),
        };
        format!("{:<16} {state}  {}", plain(&case.number), plain(&case.reason))
    };
    output.line(text, case)
}

fn show(output: &Output, case: &Case) -> Result<(), Failure> {
    let text = || {
        let Case { case_id, number, reason, legal_basis, opened_by, leaf_index, .. } = case;
        let mut lines = vec![
            format!("case {}  {case_id}  leaf {leaf_index}", plain(number)),
            format!("  {}; {}", plain(reason), plain(legal_basis)),
            format!("  opened {} by {opened_by}, until {}", time_text(case.opened_at), time_text(case.expires_at)),
            format!("  {}", scope_text(&case.scope)),
        ];
        lines.extend(case.sealed_until.map(|until| format!("  the people concerned are told from {}", time_text(until))));
        lines.extend(case.closed_at.map(|at| format!("  closed {}", time_text(at))));
        lines.extend(case.approvals.iter().map(|approval| format!("  {}", approval_text(approval))));
        lines.join("\n")
    };
    output.line(text, case)
}

fn show_hold(output: &Output, hold: &Hold) -> Result<(), Failure> {
    let text = || {
        let end = hold.release.as_ref().map_or_else(String::new, |release| format!("  released {}", time_text(release.at)));
        format!("hold {}  {}  {}{end}", hold.hold_id, scope_text(&hold.scope), plain(&hold.reason))
    };
    output.line(text, hold)
}

fn approval_text(approval: &Approval) -> String {
    let state = match &approval.decision {
        None => "waits for a second officer".to_owned(),
        Some(decision) if decision.granted => {
            format!("granted by {} until {}: {}", decision.by, time_text(decision.valid_until), plain(&decision.reason))
        }
        Some(decision) => format!("refused by {}: {}", decision.by, plain(&decision.reason)),
    };
    let Approval { approval_id, action, reason, requested_by, .. } = approval;
    format!("{} {approval_id}  asked by {requested_by}: {}  {state}", action.as_str(), plain(reason))
}

fn scope_text(scope: &Scope) -> String {
    let list = |what: &str, all: &str, ids: Vec<String>| {
        if ids.is_empty() { all.to_owned() } else { format!("{what} {}", ids.join(", ")) }
    };
    let rooms = list("rooms", "all rooms", scope.rooms.iter().map(RoomId::to_string).collect());
    let people = list("of", "of everybody", scope.people.iter().map(UserId::to_string).collect());
    let from = scope.from.map_or_else(String::new, |from| format!(" from {}", time_text(from)));
    let to = scope.to.map_or_else(String::new, |to| format!(" to {}", time_text(to)));
    format!("{rooms}, {people}{from}{to}")
}

impl From<Action> for AccessAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Query => Self::Query,
            Action::Decrypt => Self::Decrypt,
            Action::Export => Self::Export,
            Action::ReleaseHold => Self::ReleaseHold,
        }
    }
}
