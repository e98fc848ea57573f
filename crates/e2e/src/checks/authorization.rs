//! Who may do what: the authorization matrix, asked of a running stack.

use std::{collections::BTreeMap, fmt, time::Duration};

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Client as Http, Method, RequestBuilder, Url, header};
use sealcast_client::{Error, Event, Feed, InviteTerms, NewRoom};
use sealcast_contracts::{
    AttachmentId, RoomId,
    audit::{AccessAction, MessageFilter, NewCase, Order, Scope},
    auth::Role,
    chat::{Admission, RoomKind},
};
use sealcast_e2e::{
    People, Person, Stack,
    matrix::{self, Answer, Body, Caller, Operation, Row, filled},
    people::share_room,
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{PATIENCE, envelopes::Forger, greeted};

const POLL: Duration = Duration::from_millis(200);
/// What a chunk of one octet is when it is sealed.
const CHUNK: [u8; 17] = [0; 17];
/// SHA-256 over the SHA-256 of that chunk.
const CHUNK_SUM: &str = "LKfwmHCdN9b2oafgZw9Jc0xzVQCJSqtNwU0sE/BC3d0=";

/// Each operation, asked by each caller, is answered as the table says; a room that somebody is not in is answered as one that
/// does not exist.
pub async fn matrix(stack: &Stack) -> Result<()> {
    let cast = Cast::gather(stack).await.context("gathering the cast")?;
    let operations = matrix::operations()?;
    let mut wrong = Vec::new();
    for row in matrix::rows()? {
        let operation = operations.get(row.operation).with_context(|| format!("there is no operation {}", row.operation))?;
        for (caller, expected) in Caller::ALL.into_iter().zip(row.answers) {
            let what = format!("{} {} as {caller:?}", row.operation, row.query);
            let got = cast.ask(operation, &row, caller, None).await.with_context(|| what.clone())?;
            if !got.is(expected) {
                wrong.push(format!("{what}: {got}"));
            }
            if expected.status == 404 && operation.path.contains("{room_id}") && cast.is_outside(caller) {
                let missing = cast.ask(operation, &row, caller, Some(RoomId::generate())).await?;
                if missing != got {
                    wrong.push(format!("{what}: {got}, but for a room that does not exist {missing}"));
                }
            }
        }
    }
    ensure!(wrong.is_empty(), "{} answers are not the table's:\n  {}", wrong.len(), wrong.join("\n  "));
    Ok(())
}

/// No path answers to a method that the document does not have for it.
pub async fn absent(stack: &Stack, people: &People) -> Result<()> {
    let http = http(stack)?;
    let token = people.outside.client.session().token().expose_secret();
    for (path, method) in matrix::absent()? {
        let path = path.replace("{index}", "0").replace("{leaf_index}", "0");
        let path: String = path
            .split('{')
            .map(|part| part.split_once('}').map_or_else(|| part.to_owned(), |(_, rest)| format!("{}{rest}", Uuid::now_v7())))
            .collect();
        let answer =
            http.request(Method::from_bytes(method.as_bytes())?, stack.url()?.join(&path)?).bearer_auth(token).send().await?;
        ensure!(answer.status() == 405, "{method} {path} answers {}", answer.status());
    }
    Ok(())
}

/// What is said in a room comes to its members' streams and to nobody else's, whatever their role.
pub async fn streams(stack: &Stack, people: &People) -> Result<()> {
    let (ann, ben) = people.pair()?;
    let ingress = stack.ingress()?;
    let mut others = vec![];
    for role in [Role::Auditor, Role::Admin] {
        let account = stack.accounts(role).next().with_context(|| format!("no demo {role:?}"))?;
        others.push(Person::enter(&ingress, account).await?);
    }
    let lobby = ann.client.session().rooms().await?.into_iter().find(|room| room.kind == RoomKind::Lobby).context("no lobby")?;
    let mut feeds: Vec<(&str, bool, Feed)> = vec![
        ("a member", true, Feed::new(ben.through(stack.edge(0)?), None)),
        ("somebody outside", false, Feed::new(people.outside.through(stack.edge(0)?), None)),
    ];
    for (who, person) in ["an auditor", "an admin"].into_iter().zip(&others) {
        feeds.push((who, false, Feed::new(person.through(stack.edge(1)?), None)));
    }
    for (_, _, feed) in &mut feeds {
        greeted(feed).await?;
    }
    let inside = ann.client.send(people.room_id, "for those inside").await?;
    // Everybody gets this one, and it comes later.
    let for_all = ann.client.send(lobby.room_id, "for everybody").await?;
    for (who, may, feed) in &mut feeds {
        let mut got = false;
        let reading = async {
            loop {
                match feed.next().await? {
                    Event::Message(message) if message.id == for_all.id => return anyhow::Ok(()),
                    Event::Message(message) => got |= message.id == inside.id,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.with_context(|| format!("{who} does not get the lobby's message"))??;
        ensure!(got == *may, "{who} {}", if got { "gets the message" } else { "does not get the message" });
    }
    Ok(())
}

/// Everybody who asks, and everything that is asked for.
struct Cast {
    http: Http,
    url: Url,
    revoked: String,
    outside: Person,
    member: Person,
    owner: Person,
    auditor: Person,
    admin: Person,
    room_id: RoomId,
    values: BTreeMap<&'static str, String>,
}

impl Cast {
    async fn gather(stack: &Stack) -> Result<Self> {
        let ingress = stack.ingress()?;
        let mut registered = Person::gather(stack, 4).await?.into_iter();
        let mut next = || registered.next().context("there are four");
        let (owner, member, bystander, outside) = (next()?, next()?, next()?, next()?);
        let mut officers = stack.accounts(Role::Auditor);
        let mut officer = || officers.next().context("there are two auditors");
        let (auditor, second) = (Person::enter(&ingress, officer()?).await?, Person::enter(&ingress, officer()?).await?);
        let admin = Person::enter(&ingress, stack.accounts(Role::Admin).next().context("there is an admin")?).await?;

        let closed = bystander.log_in(&ingress).await?;
        closed.session().log_out().await?;
        let revoked = closed.session().token().expose_secret().to_owned();

        let info = bystander.client.session().info();
        let account = bystander.client.session().account(info.user_id).await?;
        let outside_id = outside.client.session().info().user_id;
        let mut values = BTreeMap::from([
            ("user_id", info.user_id.to_string()),
            ("session_id", info.session_id.to_string()),
            ("fingerprint", account.fingerprint.to_string()),
            ("outside_id", outside_id.to_string()),
            ("attachment_id", AttachmentId::generate().to_string()),
            ("attachment_sum", CHUNK_SUM.to_owned()),
            ("index", "0".to_owned()),
            ("secret", BASE64_STANDARD.encode([0; 32])),
            ("tomorrow", (OffsetDateTime::now_utc() + time::Duration::HOUR).format(&Rfc3339)?),
            ("kdf", json!({"m_kib": 65_536, "t": 3, "p": 1, "salt": BASE64_STANDARD.encode([0; 16])}).to_string()),
            ("epoch", json!({"epoch": 1, "cert": "AA==", "blob": "AA==", "sig": "AA=="}).to_string()),
            (
                "grant",
                json!({"epoch": 1, "to": info.user_id, "to_fp": account.fingerprint, "pkesk": "AA==", "sig": "AA=="}).to_string(),
            ),
        ]);
        let room_id = rooms(&mut values, &owner, &member, &bystander, &outside).await.context("rooms")?;
        case(&mut values, room_id, &owner, &auditor, &second).await.context("a case")?;
        let (http, url) = (http(stack)?, stack.url()?);
        Ok(Self { http, url, revoked, outside, member, owner, auditor, admin, room_id, values })
    }

    fn person(&self, caller: Caller) -> Option<&Person> {
        match caller {
            Caller::Anonymous | Caller::Revoked => None,
            Caller::Outside => Some(&self.outside),
            Caller::Member => Some(&self.member),
            Caller::Owner => Some(&self.owner),
            Caller::Auditor => Some(&self.auditor),
            Caller::Admin => Some(&self.admin),
        }
    }

    /// Whether the room should look to it as if it did not exist.
    fn is_outside(&self, caller: Caller) -> bool {
        matches!(caller, Caller::Outside | Caller::Auditor | Caller::Admin)
    }

    fn value(&self, name: &str) -> Result<String> {
        match name {
            "fresh" => Ok(Uuid::now_v7().to_string()),
            name => self.values.get(name).cloned().with_context(|| format!("the cast has no {name}")),
        }
    }

    /// Asks; in `elsewhere`, if given, instead of the room.
    async fn ask(&self, operation: &Operation, row: &Row, caller: Caller, elsewhere: Option<RoomId>) -> Result<Got> {
        let mut path = operation.path.clone();
        while let Some((before, (name, after))) =
            path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            let value = match (name, elsewhere, row.path.iter().find(|(known, _)| *known == name)) {
                ("room_id", Some(room_id), _) => room_id.to_string(),
                (_, _, Some((_, value))) => filled(value, |name| self.value(name))?,
                _ => self.value(name)?,
            };
            path = format!("{before}{value}{after}");
        }
        let url = self.url.join(&(path + &filled(row.query, |name| self.value(name))?))?;
        let request = self.http.request(Method::from_bytes(operation.method.as_bytes())?, url).timeout(PATIENCE);
        Got::from(self.signed(self.with_body(request, row, caller, elsewhere.unwrap_or(self.room_id)).await?, row, caller).await?)
            .await
    }

    async fn with_body(&self, request: RequestBuilder, row: &Row, caller: Caller, room_id: RoomId) -> Result<RequestBuilder> {
        Ok(match row.body {
            Body::Nothing => request,
            Body::Json(text) => {
                let body: Value = serde_json::from_str(&filled(text, |name| self.value(name))?).context("the row's body")?;
                request.json(&body)
            }
            Body::Octets => request.header(header::CONTENT_TYPE, "application/octet-stream").body(CHUNK.to_vec()),
            Body::Message => {
                let signer = self.person(caller).unwrap_or(&self.outside);
                let message = Forger::signing_as(signer, &self.owner, self.room_id).await?.honest(room_id)?;
                request.header("Idempotency-Key", message.cid.to_string()).json(&message)
            }
        })
    }

    async fn signed(&self, request: RequestBuilder, row: &Row, caller: Caller) -> Result<RequestBuilder> {
        Ok(match (caller, self.person(caller)) {
            (Caller::Revoked, _) => request.bearer_auth(&self.revoked),
            (_, None) => request,
            (_, Some(person)) if row.login => {
                let client = person.log_in(person.client.session().server()).await?;
                request.bearer_auth(client.session().token().expose_secret())
            }
            (_, Some(person)) => request.bearer_auth(person.client.session().token().expose_secret()),
        })
    }
}

/// The private room, a public one that somebody waits for, and a third with an invite link.
async fn rooms(
    values: &mut BTreeMap<&'static str, String>,
    owner: &Person,
    member: &Person,
    bystander: &Person,
    outside: &Person,
) -> Result<RoomId> {
    let room_id = share_room(&[owner, member, bystander]).await?;
    let terms = || InviteTerms { lifetime: time::Duration::HOUR, uses_max: 10 };
    let (link, _) = owner.client.create_invite(room_id, terms()).await?;
    let public = RoomId::generate();
    let (kind, admission) = (RoomKind::Public, Admission::Approval);
    owner.client.create_room(NewRoom { room_id: public, name: "public", kind, admission }).await?;
    let (to_public, _) = owner.client.create_invite(public, terms()).await?;
    member.client.redeem(&to_public).await?;
    outside.client.session().join(public).await?;
    let (other, _) = owner.client.create_invite(share_room(&[owner]).await?, terms()).await?;
    values.extend([
        ("room_id", room_id.to_string()),
        ("public_room_id", public.to_string()),
        ("invite_id", link.invite_id.to_string()),
        ("other_invite_id", other.invite_id.to_string()),
        ("other_invite_auth", BASE64_STANDARD.encode(*other.derive().auth)),
    ]);
    Ok(room_id)
}

/// A message of the owner's that is in the log, and a case about it.
async fn case(
    values: &mut BTreeMap<&'static str, String>,
    room_id: RoomId,
    owner: &Person,
    auditor: &Person,
    second: &Person,
) -> Result<()> {
    let sent = owner.client.send(room_id, "for the record").await?;
    logged(async || owner.client.prove(&sent).await).await.context("the message's proof")?;
    let (officer, second) = (auditor.client.session(), second.client.session());
    let scope = Scope { rooms: vec![room_id], ..Scope::default() };
    let case = NewCase {
        number: format!("matrix {room_id}"),
        reason: "a test".to_owned(),
        legal_basis: "none".to_owned(),
        expires_at: OffsetDateTime::now_utc() + time::Duration::HOUR,
        scope: scope.clone(),
        sealed_until: None,
    };
    let case_id = officer.open_case(&case).await?.case_id;
    for action in [AccessAction::Query, AccessAction::Decrypt, AccessAction::Export, AccessAction::ReleaseHold] {
        let asked = officer.request_approval(case_id, action, "a test").await?;
        second.decide_approval(case_id, asked.approval_id, true, "a test", None).await?;
    }
    let waiting = second.request_approval(case_id, AccessAction::Query, "a test").await?;
    officer.case_messages(case_id, &MessageFilter::default(), Order::OldestFirst, None, 10).await?;
    let access = owner.client.session().accesses().await?.into_iter().next().context("the owner is told of the access")?;
    logged(async || owner.client.session().access_proof(access.leaf_index).await).await.context("the access's proof")?;
    let filter = MessageFilter { room_id: Some(room_id), ..MessageFilter::default() };
    let export = officer.start_export(case_id, &filter).await?;
    let hold = officer.place_hold(case_id, &scope, "a test").await?;
    values.extend([
        ("id", sent.id.to_string()),
        ("case_id", case_id.to_string()),
        ("approval_id", waiting.approval_id.to_string()),
        ("leaf_index", access.leaf_index.to_string()),
        ("export_id", export.export_id.to_string()),
        ("hold_id", hold.hold_id.to_string()),
    ]);
    Ok(())
}

/// Asks until a checkpoint covers it.
async fn logged<T>(ask: impl AsyncFn() -> Result<T, Error>) -> Result<T> {
    let asking = async {
        loop {
            match ask().await {
                Err(error) if error.is_refusal("not-yet-logged") || error.is_refusal("not-found") || error.is_unavailable() => {}
                other => return other,
            }
            tokio::time::sleep(POLL).await;
        }
    };
    Ok(tokio::time::timeout(PATIENCE, asking).await.context("no checkpoint covers it")??)
}

/// What came back.
#[derive(Debug, PartialEq)]
struct Got {
    status: u16,
    /// Without the request's own number.
    problem: Option<Value>,
}

impl Got {
    async fn from(request: RequestBuilder) -> Result<Self> {
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        if status < 400 {
            // A stream never ends: its body is not waited for.
            return Ok(Self { status, problem: None });
        }
        let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
        ensure!(kind.as_ref().is_some_and(|kind| kind == "application/problem+json"), "{status} comes with {kind:?}");
        let mut problem: Value = answer.json().await?;
        problem.as_object_mut().context("a problem is an object")?.remove("request_id");
        Ok(Self { status, problem: Some(problem) })
    }

    fn slug(&self) -> Option<&str> {
        self.problem.as_ref()?["type"].as_str()?.strip_prefix("/problems/")
    }

    fn is(&self, expected: Answer) -> bool {
        self.status == expected.status && expected.slug.is_none_or(|slug| self.slug() == Some(slug))
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.status, self.slug().unwrap_or_default())?;
        self.problem.as_ref().map_or(Ok(()), |problem| write!(f, " ({})", problem["detail"]))
    }
}

fn http(stack: &Stack) -> Result<Http> {
    let ca = reqwest::Certificate::from_pem(stack.ca())?;
    Ok(Http::builder().tls_built_in_root_certs(false).add_root_certificate(ca).no_proxy().build()?)
}
