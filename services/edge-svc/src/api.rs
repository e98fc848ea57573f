//! The REST interface under `/api/v1`: one file for each group of operations, and the OpenAPI document made from them.

mod accesses;
mod account;
mod admin;
mod admission;
mod attachments;
mod audit;
mod auth;
mod cases;
pub mod document;
pub mod events;
mod extract;
mod invites;
mod keys;
mod leaves;
mod messages;
mod organisation;
mod paging;
mod presence;
mod reading;
mod retention;
mod rooms;
mod server;
mod sessions;
mod users;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Edge;

/// Where every operation lies.
pub const PREFIX: &str = "/api/v1";

/// All operations with their documentation.
pub fn operations() -> OpenApiRouter<Edge> {
    let operations = OpenApiRouter::new()
        .routes(routes!(server::get_server))
        .routes(routes!(auth::prelogin))
        .routes(routes!(auth::register))
        .routes(routes!(auth::log_in))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::log_out))
        .routes(routes!(auth::get_session))
        .routes(routes!(sessions::list_sessions, sessions::revoke_sessions))
        .routes(routes!(sessions::revoke_session))
        .routes(routes!(account::change_password))
        .routes(routes!(account::get_second_factor, account::begin_second_factor))
        .routes(routes!(account::confirm_second_factor))
        .routes(routes!(account::remove_second_factor))
        .routes(routes!(users::list_users))
        .routes(routes!(users::get_user))
        .routes(routes!(users::set_role))
        .routes(routes!(users::get_certificate))
        .routes(routes!(organisation::set_compliance))
        .routes(routes!(organisation::rotate_compliance))
        .merge(room_operations())
        .merge(admin_operations())
        .routes(routes!(presence::list_presence, presence::set_visibility))
        .routes(routes!(events::stream_events))
        .merge(audit_operations());
    OpenApiRouter::with_openapi(document::base()).nest(PREFIX, operations)
}

fn audit_operations() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(audit::query_messages))
        .routes(routes!(audit::query_events))
        .routes(routes!(audit::get_checkpoint))
        .routes(routes!(audit::get_inclusion_proof))
        .routes(routes!(audit::get_consistency_proof))
        .routes(routes!(audit::get_log_health))
        .routes(routes!(audit::get_policy))
        .routes(routes!(cases::list_cases, cases::open_case))
        .routes(routes!(cases::get_case))
        .routes(routes!(cases::close_case))
        .routes(routes!(cases::request_approval))
        .routes(routes!(cases::decide_approval))
        .routes(routes!(cases::grant_decryption))
        .routes(routes!(cases::start_export))
        .routes(routes!(accesses::list_accesses))
        .routes(routes!(accesses::get_access_proof))
        .routes(routes!(retention::list_retention, retention::set_retention))
        .routes(routes!(retention::place_hold))
        .routes(routes!(retention::list_holds))
        .routes(routes!(retention::release_hold))
        .routes(routes!(leaves::find_range))
        .routes(routes!(leaves::read_leaves))
        .routes(routes!(leaves::list_room_events))
}

fn admin_operations() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(admin::list_managed_accounts))
        .routes(routes!(admin::get_managed_account))
        .routes(routes!(admin::lock_account, admin::unlock_account))
        .routes(routes!(admin::list_account_sessions, admin::revoke_account_sessions))
        .routes(routes!(admin::revoke_account_session))
        .routes(routes!(admin::reset_login_limits))
        .routes(routes!(admin::describe_streams))
        .routes(routes!(admin::list_limits))
}

fn room_operations() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(rooms::list_rooms, rooms::create_room))
        .routes(routes!(rooms::open_direct))
        .routes(routes!(rooms::get_room))
        .routes(routes!(rooms::list_members))
        .routes(routes!(rooms::remove_member))
        .routes(routes!(rooms::leave_room))
        .routes(routes!(rooms::set_history))
        .routes(routes!(reading::list_read_markers))
        .routes(routes!(reading::set_read_marker))
        .routes(routes!(admission::join_room))
        .routes(routes!(admission::list_requests))
        .routes(routes!(admission::decide_request))
        .routes(routes!(keys::open_epoch))
        .routes(routes!(keys::add_grants))
        .routes(routes!(invites::list_invites, invites::create_invite))
        .routes(routes!(invites::revoke_invite))
        .routes(routes!(invites::preview_invite))
        .routes(routes!(invites::redeem_invite))
        .routes(routes!(messages::send_message, messages::list_messages))
        .routes(routes!(messages::start_typing))
        .routes(routes!(attachments::begin_attachment))
        .routes(routes!(attachments::get_attachment, attachments::drop_attachment))
        .routes(routes!(attachments::complete_attachment))
        .routes(routes!(attachments::get_chunk, attachments::put_chunk))
}
