use std::sync::Arc;

use sealcast_contracts::{
    Page,
    auth::{Account, AccountKey, AuthRefusal, GetAccount, ListAccounts},
    limits::PAGE_ITEMS_MAX,
};

use super::store;
use crate::{
    Auth,
    accounts::Username,
    failure::{self, Answer, malformed},
};

/// Octets of a part of a user name that is looked for.
const NAME_OCTETS_MAX: usize = 256;

/// One account, with its certificate.
///
/// # Errors
/// [`AuthRefusal::NotFound`].
pub async fn get_account(auth: Arc<Auth>, call: GetAccount) -> Answer<Account> {
    let found = match call.key {
        AccountKey::UserId(id) => store::by_id(&auth.pool, id).await,
        AccountKey::Fingerprint(fingerprint) => store::by_fingerprint(&auth.pool, fingerprint).await,
        AccountKey::Username(text) => {
            let username = Username::normalise(&text).map_err(|_| AuthRefusal::NotFound)?;
            store::by_username(&auth.pool, username.as_str()).await
        }
    };
    Ok(found.map_err(failure::store("finding an account"))?.ok_or(AuthRefusal::NotFound)?)
}

/// A page of all accounts, or of those whose name holds some letters.
///
/// # Errors
/// [`AuthRefusal::Malformed`].
pub async fn list_accounts(auth: Arc<Auth>, call: ListAccounts) -> Answer<Page<Account>> {
    if !(1..=PAGE_ITEMS_MAX).contains(&call.limit) {
        return Err(malformed("limit", "1 to 200"));
    }
    let after = match call.cursor {
        Some(cursor) => Some(cursor.parse().map_err(|_| malformed("cursor", "it is not a cursor of this listing"))?),
        None => None,
    };
    if call.name.as_deref().is_some_and(|name| name.len() > NAME_OCTETS_MAX || name.contains(char::is_control)) {
        return Err(malformed("name", "it cannot be a part of a user name"));
    }
    // User names are in lower case.
    let name = call.name.map(|name| name.to_lowercase());
    // One more than asked for tells whether there is a next page.
    let limit = call.limit as usize;
    let listed = store::list(&auth.pool, after, name.as_deref(), i64::from(call.limit) + 1).await;
    let mut items = listed.map_err(failure::store("listing accounts"))?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(|account| account.user_id.to_string());
    Ok(Page { items, next_cursor })
}
