use sealcast_contracts::{
    Caller, UserId,
    chat::RoomRole,
    control::RoomChange,
    events::{AuditEventKind, JoinedBy},
};

use super::store;
use crate::{
    Chat,
    error::{Failure, commit},
    events, organisation, requests, rooms,
};

impl Chat {
    /// Remembers the caller and sees to it that it is in the lobby. Every call of an account begins with this.
    pub(crate) async fn meet(&self, caller: &Caller) -> Result<(), Failure> {
        if self.met.get(&caller.user_id).is_some() {
            return Ok(());
        }
        self.introduce(caller.user_id, &caller.username).await
    }

    /// The same for an account of which only the id is known; `false` when auth-svc knows no such account.
    pub(crate) async fn meet_by_id(&self, user_id: UserId) -> Result<bool, Failure> {
        if self.met.get(&user_id).is_some() {
            return Ok(true);
        }
        match self.directory.find(user_id, self.now()).await? {
            Some(person) => self.introduce(user_id, &person.username).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// The same for many accounts: those who are in the lobby have been met, at the price of one query for all.
    pub(crate) async fn meet_all(&self, user_ids: &[UserId]) -> Result<(), Failure> {
        let strange = |user_id: &&UserId| self.met.get(user_id).is_none();
        let strangers: Vec<_> = user_ids.iter().filter(strange).map(|user_id| user_id.0).collect();
        if strangers.is_empty() {
            return Ok(());
        }
        let mut connection = self.pool.acquire().await?;
        if let Some(lobby) = organisation::store::lobby(&mut connection).await? {
            let known = store::members_among(&mut connection, lobby, &strangers).await?;
            known.into_iter().for_each(|user_id| self.met.put(user_id, ()));
        }
        drop(connection);
        for user_id in user_ids.iter().filter(strange) {
            // An account that does not exist is in no room.
            self.meet_by_id(*user_id).await?;
        }
        Ok(())
    }

    async fn introduce(&self, user_id: UserId, username: &str) -> Result<(), Failure> {
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        store::meet(&mut tx, user_id, username, now).await?;
        let Some(room_id) = organisation::store::lobby(&mut tx).await? else {
            // Not remembered: the lobby may come any moment.
            return commit(tx).await;
        };
        if store::role_of(&mut tx, room_id, user_id).await?.is_some() {
            commit(tx).await?;
            self.met.put(user_id, ());
            return Ok(());
        }
        let lobby = rooms::store::lock(&mut tx, room_id).await?;
        let joined = store::insert(&mut tx, room_id, user_id, RoomRole::Member, JoinedBy::Registration, now).await?;
        let waits = joined && lobby.is_some_and(|lobby| lobby.admission.takes_requests());
        if joined {
            let what = AuditEventKind::MemberJoined { room_id, user_id, by: JoinedBy::Registration };
            events::record(&mut tx, user_id, now, what).await?;
        }
        if waits {
            requests::store::insert(&mut tx, room_id, user_id, now).await?;
        }
        commit(tx).await?;
        self.met.put(user_id, ());
        if joined {
            self.announce_membership(room_id, user_id, true).await;
        }
        if waits {
            self.announce(room_id, RoomChange::Request, Some(user_id)).await;
        }
        Ok(())
    }
}
