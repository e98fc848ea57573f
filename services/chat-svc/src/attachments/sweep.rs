use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::store;
use crate::{Chat, limits};

/// Takes away, now and then, what was announced and never completed.
pub(crate) async fn sweep(chat: Arc<Chat>, shutdown: CancellationToken) {
    loop {
        match chat.drop_unfinished().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "took unfinished attachments away"),
            Err(error) => tracing::warn!(error = format!("{error:#}"), "unfinished attachments stay for now"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(limits::ATTACHMENT_SWEEP_INTERVAL) => {}
        }
    }
}

impl Chat {
    async fn drop_unfinished(&self) -> sqlx::Result<u64> {
        let before = self.now() - limits::ATTACHMENT_UNFINISHED_MAX;
        store::delete_unfinished(&mut *self.pool.acquire().await?, before).await
    }
}
