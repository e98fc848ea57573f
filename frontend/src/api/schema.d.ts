// Generated from services/edge-svc/openapi.json by `npm run codegen`; do not edit.

export interface paths {
    "/api/v1/account/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Sets a new password and ends every other session. */
        put: operations["change_password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a login needs more than the password, and whether this session had it. */
        get: operations["get_second_factor"];
        put?: never;
        /** Draws a secret for an authenticator app. It counts from its first code on. */
        post: operations["begin_second_factor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/confirmation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Puts the new second factor into force. */
        post: operations["confirm_second_factor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/account/second-factor/removal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does away with the second factor. */
        post: operations["remove_second_factor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The limits that are in force, of all services; this node's for the edges. */
        get: operations["list_limits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/streams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How full the streams are, and how far their consumers have come. */
        get: operations["describe_streams"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All accounts with their sessions' number and their lock. */
        get: operations["list_managed_accounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account. */
        get: operations["get_managed_account"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}/lock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Ends an account's sessions and lets nobody log in to it. Its certificate stays, so what it signed can still be verified. */
        put: operations["lock_account"];
        post?: never;
        /** Lets the owner of an account log in again. */
        delete: operations["unlock_account"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}/login-limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Fills the login budgets of an account again, for an owner who mistyped. Budgets of addresses stay as they are. */
        delete: operations["reset_login_limits"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The open sessions of an account. The look is logged before it is answered. */
        get: operations["list_account_sessions"];
        put?: never;
        post?: never;
        /** Ends all sessions of an account; their streams close within a second. */
        delete: operations["revoke_account_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{user_id}/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one session of an account. */
        delete: operations["revoke_account_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Cases, newest first; auditors only. */
        get: operations["list_cases"];
        put?: never;
        /** Opens a case; auditors only. */
        post: operations["open_case"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases/{case_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One case with its approvals; auditors only. */
        get: operations["get_case"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases/{case_id}/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks for a second officer's consent. */
        post: operations["request_approval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases/{case_id}/approvals/{approval_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Grants or refuses consent. Whoever asked is refused (`same-officer`). */
        post: operations["decide_approval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases/{case_id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a case; what was logged under it stays. */
        post: operations["close_case"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases/{case_id}/decryptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Logs which messages are about to be opened with the compliance key, and tells the people concerned. Clients ask before
         *     they open anything.
         */
        post: operations["grant_decryption"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases/{case_id}/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins an export: one leaf for all that it will hand out. */
        post: operations["start_export"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/cases/{case_id}/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Places a legal hold within a case; auditors only. It beats retention and gives nobody access. */
        post: operations["place_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest signed checkpoint. */
        get: operations["get_checkpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/consistency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The proof that a later log extends an earlier one. */
        get: operations["get_consistency_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Logged events; auditors only, and itself logged. */
        get: operations["query_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/exports/{export_id}/leaves": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leaves in order, as many as an answer holds, the messages of the export with their content; whoever began it. */
        get: operations["read_leaves"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/exports/{export_id}/range": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The range of leaves that shows that an export is complete, and what ties it to the export's checkpoint; whoever began it. */
        get: operations["find_range"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/exports/{export_id}/room-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to the room's membership and keys before a leaf, with proofs; whoever began the export. */
        get: operations["list_room_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for the log, and what did not get into it; auditors only. */
        get: operations["get_log_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All holds, newest first; auditors only. */
        get: operations["list_holds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/holds/{hold_id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a hold; where the policy says so, after a second officer's consent (`release_hold`) within its case. */
        post: operations["release_hold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stored messages of the caller's rooms; for an auditor who names a case, of what the case is about. Such a query is logged before the
         *     answer goes out, and the people concerned are told.
         */
        get: operations["query_messages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the organisation asks of its officers. */
        get: operations["get_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/proofs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The proof that a message is in the log. */
        get: operations["get_inclusion_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All retention rules, the organisation's first. */
        get: operations["list_retention"];
        /** Sets a retention rule; admins only. */
        put: operations["set_retention"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Logs in. */
        post: operations["log_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends one's own session. */
        post: operations["log_out"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/prelogin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The key-derivation parameters of an account; an unknown user name gets an answer of the same shape. */
        post: operations["prelogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the session's token and moves its end. */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes an account and logs it in. */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The session that the request came through. */
        get: operations["get_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/certificates/{fingerprint}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account that a certificate belongs to. */
        get: operations["get_certificate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/direct/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Opens the direct conversation with somebody. A pair has one: where it exists, it is the answer, and the body is dropped. */
        put: operations["open_direct"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that happens in the caller's rooms, as Server-Sent Events.
         * @description `hello` comes first and says whether the stream continues exactly after `Last-Event-ID`. Each event's `data` is one JSON
         *     object of the schema that `x-sse-events` names. A comment arrives every 15 s on a silent stream.
         */
        get: operations["stream_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invites/{invite_id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What an invite leads to, for somebody who has the link and perhaps no account yet. */
        post: operations["preview_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invites/{invite_id}/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the caller a member and hands it what the link's secret unlocks. Repeating it is harmless. */
        post: operations["redeem_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/accesses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When officers looked at the caller's messages, newest first: at once, or after the sealed period of their case. Nobody can
         *     switch this off.
         */
        get: operations["list_accesses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/accesses/{leaf_index}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The proof that such an access is in the log. */
        get: operations["get_access_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/read-markers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's read markers, one for each room where it left one. */
        get: operations["list_read_markers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organisation/compliance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Publishes the first compliance certificate; admins only, once. */
        put: operations["set_compliance"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/organisation/compliance/rotations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publishes the compliance certificate that follows the newest one, signed by that one's key; admins only. Messages are encrypted
         *     to it from its time on. Until then no other one is taken.
         */
        post: operations["rotate_compliance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/presence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accounts seen in the last 30 days. Best effort: the list is empty when it is not known. */
        get: operations["list_presence"];
        /** Shows or hides when the caller is there, on all of the account's devices. Who hides is forgotten by the list at once. */
        put: operations["set_visibility"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's rooms, and the public ones that it could join. */
        get: operations["list_rooms"];
        put?: never;
        /** Creates a room. Repeating it with the same id and body is harmless. */
        post: operations["create_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A room, its key epochs, and the caller's grants. */
        get: operations["get_room"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/attachments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Announces an attachment. One that is not complete a day later is taken away. */
        post: operations["begin_attachment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/attachments/{attachment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the server knows of a complete attachment. An auditor's reading is an event in the log before it is answered. */
        get: operations["get_attachment"];
        put?: never;
        post?: never;
        /** Takes an attachment back that is not complete. */
        delete: operations["drop_attachment"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/attachments/{attachment_id}/chunks/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One sealed chunk of a complete attachment. An auditor's reading is an event in the log before it is answered. */
        get: operations["get_chunk"];
        /** Stores one sealed chunk, in any order. Repeating it with the same octets is harmless. */
        put: operations["put_chunk"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/attachments/{attachment_id}/completion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Says that all chunks are there. From then on the members of the room can read it, and it stays. */
        put: operations["complete_attachment"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/epochs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Opens the next key epoch; room admins only. */
        post: operations["open_epoch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/grants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hands the room key to members. */
        post: operations["add_grants"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Decides what newcomers get of the past; room admins only. The clients of members act on it: they hold the keys. */
        put: operations["set_history"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The invites of a room. */
        get: operations["list_invites"];
        put?: never;
        /** Registers an invite link. */
        post: operations["create_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/invites/{invite_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends an invite. */
        delete: operations["revoke_invite"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks to join a public room. */
        post: operations["join_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Leaves a room. */
        post: operations["leave_room"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of a room. */
        get: operations["list_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a member; room admins only. Who stays opens a new epoch, so that the one removed cannot read on. */
        delete: operations["remove_member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The stored messages of a room that the caller is in. */
        get: operations["list_messages"];
        put?: never;
        /**
         * Sends a message. 202 means durable; 4xx, or 503 with `Sealcast-Outcome: rejected`, means certainly not stored;
         *     anything else means unknown: repeat with the same key and the same octets.
         */
        post: operations["send_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/read-marker": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Keeps how far the caller has read in a room. Its other clients hear of it on their streams (`read`); nobody else does. */
        put: operations["set_read_marker"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who waits for the room key. */
        get: operations["list_requests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/requests/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approves or refuses a request. */
        post: operations["decide_request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rooms/{room_id}/typing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that the caller is writing. Best effort; the notice ends after 6 s. */
        post: operations["start_typing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server's version, policy, limits and clock, and the organisation's compliance certificate. */
        get: operations["get_server"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All live sessions of the account. */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        /** Ends all sessions, or all others; their streams close within a second. */
        delete: operations["revoke_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one session; its streams close within a second. */
        delete: operations["revoke_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All accounts with their certificates, or those with some letters in their name. */
        get: operations["list_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account. */
        get: operations["get_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{user_id}/role": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Gives an account a role; admins only. */
        put: operations["set_role"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AcceptedMessage: {
            /** Format: date-time */
            accepted_at: string;
            cid: components["schemas"]["ClientMessageId"];
            id: components["schemas"]["EventId"];
        };
        /** @description One look at somebody's messages, as the person concerned sees it. */
        Access: {
            action: components["schemas"]["AccessAction"];
            approver?: components["schemas"]["UserId"] | null;
            /** Format: date-time */
            at: string;
            case_number: string;
            /** Format: uuid */
            event_id: string;
            /** Format: int64 */
            leaf_index: number;
            legal_basis: string;
            /**
             * Format: int64
             * @description How many messages of this person.
             */
            messages: number;
            officer: components["schemas"]["UserId"];
        };
        /**
         * @description What an officer does within a case.
         * @enum {string}
         */
        AccessAction: "query" | "decrypt" | "export" | "release_hold";
        /** @description The leaf that was written before an access. */
        AccessReceipt: {
            /** Format: uuid */
            event_id: string;
            /** Format: int64 */
            leaf_index: number;
        };
        Account: {
            /** @description The OpenPGP certificate (transferable public key, binary). */
            certificate: components["schemas"]["Base64"];
            /** Format: date-time */
            created_at: string;
            fingerprint: components["schemas"]["Fingerprint"];
            role: components["schemas"]["Role"];
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        /** @description Why nobody can log in to an account. */
        AccountLock: {
            /** Format: date-time */
            at: string;
            /** @description The admin who locked it. */
            by: components["schemas"]["UserId"];
            reason: string;
        };
        /**
         * @description How the room key reaches a newcomer. A server that could name whom to grant could admit itself.
         * @enum {string}
         */
        Admission: "invite" | "approval" | "open";
        /** @description A request for a second officer's consent. */
        Approval: {
            action: components["schemas"]["AccessAction"];
            approval_id: components["schemas"]["ApprovalId"];
            decision?: components["schemas"]["Decision"] | null;
            reason: string;
            /** Format: date-time */
            requested_at: string;
            requested_by: components["schemas"]["UserId"];
        };
        /** @description The second officer's answer. */
        ApprovalDecision: {
            granted: boolean;
            reason: string;
            /**
             * Format: date-time
             * @description When the consent ends; with the case when absent.
             */
            valid_until?: string | null;
        };
        /**
         * Format: uuid
         * @description A request for a second officer's consent, and its answer.
         */
        ApprovalId: string;
        /** @description What a second officer is asked to consent to, and why. */
        ApprovalRequest: {
            action: components["schemas"]["AccessAction"];
            reason: string;
        };
        /** @description An attachment as the server knows it: neither its name nor its type. */
        Attachment: {
            attachment_id: components["schemas"]["AttachmentId"];
            /** Format: date-time */
            begun_at: string;
            /** Format: int32 */
            chunks: number;
            /** Format: date-time */
            completed_at?: string | null;
            /**
             * Format: int64
             * @description Of all sealed chunks together.
             */
            octets: number;
            room_id: components["schemas"]["RoomId"];
            sha256?: components["schemas"]["Base64"] | null;
            uploaded_by: components["schemas"]["UserId"];
        };
        /**
         * Format: uuid
         * @description An attachment, chosen by the client that seals it.
         */
        AttachmentId: string;
        /**
         * Format: byte
         * @description Octets that travel in JSON as standard base64 with padding (RFC 4648 section 4).
         */
        Base64: string;
        /** @description A case with all that was asked and decided. */
        Case: {
            /** @description Oldest first. */
            approvals: components["schemas"]["Approval"][];
            case_id: components["schemas"]["CaseId"];
            /** Format: date-time */
            closed_at?: string | null;
            closed_by?: components["schemas"]["UserId"] | null;
            /** Format: date-time */
            expires_at: string;
            /**
             * Format: int64
             * @description The leaf of its opening.
             */
            leaf_index: number;
            legal_basis: string;
            number: string;
            /** Format: date-time */
            opened_at: string;
            opened_by: components["schemas"]["UserId"];
            reason: string;
            scope: components["schemas"]["Scope"];
            /** Format: date-time */
            sealed_until?: string | null;
        };
        /** @description Why a case ends. */
        CaseClosing: {
            note: string;
        };
        /**
         * Format: uuid
         * @description A case: why officers look at other people's messages.
         */
        CaseId: string;
        /** @description A public certificate and its fingerprint. */
        Certificate: {
            certificate: components["schemas"]["Base64"];
            fingerprint: components["schemas"]["Fingerprint"];
        };
        /** @description A signed tree head (C2SP tlog-checkpoint). */
        Checkpoint: {
            /** @description What witnesses say of it; each line can be appended to the note. */
            cosignatures?: components["schemas"]["Cosignature"][];
            covers?: components["schemas"]["EventId"] | null;
            /** @description The signed note. */
            note: string;
            /** @description RFC 6962 tree hash, 32 octets. */
            root: components["schemas"]["Base64"];
            /**
             * Format: int64
             * @description Leaves that it covers.
             */
            size: number;
            /** @description The log's verifier key (C2SP signed-note). */
            vkey: string;
        };
        /** @description `event: checkpoint`: the log covers every message up to `covers`. */
        CheckpointNotice: {
            covers: components["schemas"]["EventId"];
            root: components["schemas"]["Base64"];
            /** Format: int64 */
            size: number;
        };
        /**
         * Format: uuid
         * @description The identifier that the sending client gives its message (`cid`), and its `Idempotency-Key`.
         */
        ClientMessageId: string;
        /** @description What was uploaded. */
        CompletedAttachment: {
            /** @description SHA-256 over the SHA-256 of each sealed chunk, in order. */
            sha256: components["schemas"]["Base64"];
        };
        /** @description The certificate that every envelope is also encrypted to. */
        ComplianceRequest: {
            certificate: components["schemas"]["Base64"];
        };
        /** @description What the compliance key before says of its successor (docs/protocol.md, "Rotation of the compliance key"). */
        ComplianceRotation: {
            /**
             * Format: date-time
             * @description From when messages are encrypted to it.
             */
            effective_at: string;
            /** @description The detached signature of the one before. */
            sig: components["schemas"]["Base64"];
        };
        /** @description The certificate that follows the newest one, with that one's signature. */
        ComplianceRotationRequest: {
            certificate: components["schemas"]["Base64"];
            /**
             * Format: date-time
             * @description Whole seconds, at least the organisation's delay and at most 90 days from now.
             */
            effective_at: string;
            sig: components["schemas"]["Base64"];
        };
        /** @description A compliance certificate, and what makes it follow the one before. */
        ComplianceStep: {
            certificate: components["schemas"]["Base64"];
            fingerprint: components["schemas"]["Fingerprint"];
            rotation?: components["schemas"]["ComplianceRotation"] | null;
        };
        ConsistencyProof: {
            /** Format: int64 */
            from: number;
            path: components["schemas"]["Base64"][];
            /** Format: int64 */
            to: number;
        };
        /** @description Who reads a stream durably, and how far it has come. */
        ConsumerReport: {
            /**
             * Format: int64
             * @description Everything up to it is acknowledged.
             */
            acknowledged_seq: number;
            /**
             * Format: int64
             * @description Messages that are not acknowledged yet.
             */
            lag: number;
            name: string;
        };
        /** @description A witness's signature of a checkpoint (C2SP tlog-cosignature). */
        Cosignature: {
            /** @description One signature line of a signed note. */
            line: string;
            /** @description The witness's verifier key, as the server knows it; a client compares it with its own. */
            vkey: string;
        };
        /** @description What the second officer decided. */
        Decision: {
            /** Format: date-time */
            at: string;
            by: components["schemas"]["UserId"];
            granted: boolean;
            reason: string;
            /**
             * Format: date-time
             * @description The consent ends then, at the latest with the case.
             */
            valid_until: string;
        };
        /** @description Messages that are about to be opened with the compliance key. */
        DecryptionRequest: {
            ids: components["schemas"]["EventId"][];
        };
        /** @description `event: drain`: the node goes away or the stream is old; reconnect at a random time within `spread_ms`. */
        Drain: {
            /** Format: int32 */
            spread_ms: number;
        };
        /** @description An epoch as the server keeps it. */
        Epoch: {
            blob: components["schemas"]["Base64"];
            cert: components["schemas"]["Base64"];
            /** Format: int32 */
            epoch: number;
            /** @description Fingerprint of `cert`. */
            fingerprint: components["schemas"]["Fingerprint"];
            /** Format: date-time */
            opened_at: string;
            opened_by: components["schemas"]["UserId"];
            /** @description Fingerprint of the certificate that `sig` verifies with. */
            opener_fp: components["schemas"]["Fingerprint"];
            prev_fp?: components["schemas"]["Fingerprint"] | null;
            sig: components["schemas"]["Base64"];
        };
        /** @description The next epoch with grants for those who stay. */
        EpochRequest: {
            epoch: components["schemas"]["NewEpoch"];
            grants: components["schemas"]["NewGrant"][];
        };
        /**
         * @description The identity of an accepted message and its SSE id: `<stream epoch>-<sequence>`.
         * @example 1-4711
         */
        EventId: string;
        /** @description What an export may hand out: the messages that match, as far as the log had come. Its leaves are read with its id. */
        Export: {
            case_id: components["schemas"]["CaseId"];
            export_id: components["schemas"]["ExportId"];
            filter: components["schemas"]["MessageFilter"];
            /**
             * Format: int64
             * @description The leaf of this export.
             */
            leaf_index: number;
            /**
             * Format: int64
             * @description Messages that match.
             */
            messages: number;
            /**
             * Format: int64
             * @description Leaves of the log that it reaches.
             */
            size: number;
        };
        /**
         * Format: uuid
         * @description An export of a case.
         */
        ExportId: string;
        /** @description Which messages of the case; every field narrows. */
        ExportRequest: {
            /**
             * Format: date-time
             * @default null
             */
            from: string | null;
            /** @default null */
            room_id: components["schemas"]["RoomId"] | null;
            /** @default null */
            sender: components["schemas"]["UserId"] | null;
            /**
             * Format: date-time
             * @default null
             */
            to: string | null;
        };
        FieldError: {
            detail: string;
            /** @description JSON pointer into the body (RFC 6901), or the name of a header or parameter. */
            pointer: string;
        };
        /** @description The SHA-256 fingerprint of an OpenPGP v6 key (RFC 9580 section 5.5.4), in lower-case hex on the wire. */
        Fingerprint: string;
        /** @description `event: gap`: messages in `(after, up_to]` are not in this stream; refetch them by REST. */
        Gap: {
            after: components["schemas"]["EventId"];
            up_to: components["schemas"]["EventId"];
        };
        Grant: {
            /** Format: int32 */
            epoch: number;
            /** Format: date-time */
            granted_at: string;
            granted_by: components["schemas"]["UserId"];
            granter_fp: components["schemas"]["Fingerprint"];
            pkesk: components["schemas"]["Base64"];
            sig: components["schemas"]["Base64"];
            to: components["schemas"]["UserId"];
            to_fp: components["schemas"]["Fingerprint"];
        };
        /** @description At most 500 grants. */
        GrantsRequest: {
            grants: components["schemas"]["NewGrant"][];
        };
        /** @description `event: hello`: always first. Says whether the stream continues exactly where the client left it. */
        Hello: {
            /** @description The newest message that the edge knows; a client without history starts here. */
            head: components["schemas"]["EventId"];
            /** @description The edge node. */
            node: string;
            resume: components["schemas"]["Resume"];
            /** @description The rooms that the stream carries. */
            rooms: components["schemas"]["RoomId"][];
            /** Format: date-time */
            server_time: string;
        };
        /**
         * @description What of a room's past newcomers get from whoever lets them in. The clients of members act on it, for they hold the keys; the
         *     server could not enforce it.
         * @enum {string}
         */
        History: "current_key" | "everything";
        /** @description A legal hold. It gives nobody access. */
        Hold: {
            case_id: components["schemas"]["CaseId"];
            hold_id: components["schemas"]["HoldId"];
            /**
             * Format: int64
             * @description The leaf of its placing.
             */
            leaf_index: number;
            /** Format: date-time */
            placed_at: string;
            placed_by: components["schemas"]["UserId"];
            reason: string;
            release?: components["schemas"]["HoldRelease"] | null;
            scope: components["schemas"]["Scope"];
        };
        /**
         * Format: uuid
         * @description A legal hold.
         */
        HoldId: string;
        /** @description The end of a hold. */
        HoldRelease: {
            /** Format: date-time */
            at: string;
            by: components["schemas"]["UserId"];
            /** Format: int64 */
            leaf_index: number;
            reason: string;
        };
        /** @description Why a hold ends. */
        HoldReleaseRequest: {
            reason: string;
        };
        /** @description What is to be kept, and why. */
        HoldRequest: {
            reason: string;
            scope?: components["schemas"]["Scope"];
        };
        InclusionProof: {
            checkpoint: components["schemas"]["Checkpoint"];
            /** @description The leaf's text, as docs/protocol.md defines it: the verifier rebuilds it from the message and compares. */
            leaf: string;
            /** Format: int64 */
            leaf_index: number;
            /** @description RFC 6962 audit path, leaf first, 32 octets each. */
            path: components["schemas"]["Base64"][];
        };
        Invite: {
            created_by: components["schemas"]["UserId"];
            /** Format: int32 */
            epoch: number;
            /** Format: date-time */
            expires_at: string;
            invite_id: components["schemas"]["InviteId"];
            revoked: boolean;
            /** Format: int32 */
            uses: number;
            /** Format: int32 */
            uses_max: number;
        };
        /** @description Proof of the link's secret. */
        InviteAuth: {
            /** @description Derived from the link's secret; 32 octets. */
            auth: components["schemas"]["Base64"];
        };
        /**
         * Format: uuid
         * @description An invite link, without its secret.
         */
        InviteId: string;
        InvitePreview: {
            /** Format: date-time */
            expires_at: string;
            room_id: components["schemas"]["RoomId"];
            room_name: string;
        };
        /** @description Proof of an invite link, where registration needs one. */
        InviteProof: {
            /** @description Derived from the link's secret; 32 octets. */
            auth: components["schemas"]["Base64"];
            invite_id: components["schemas"]["InviteId"];
        };
        /** @description A member's answer. Approving carries the newcomer's grants. */
        JoinDecision: {
            approve: boolean;
            grants?: components["schemas"]["NewGrant"][];
        };
        JoinOutcome: {
            /** @enum {string} */
            outcome: "member";
        } | {
            /** @enum {string} */
            outcome: "requested";
        };
        /** @description Somebody who waits for the room key: a request to join, or a lobby member without a grant. */
        JoinRequest: {
            /** Format: date-time */
            requested_at: string;
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        /** @description Password-based key derivation in the client: Argon2id (RFC 9106), version 0x13, one lane, 32 octets out. */
        Kdf: {
            /**
             * Format: int32
             * @description Memory, KiB.
             */
            m_kib: number;
            /**
             * Format: int32
             * @description Lanes; always 1.
             */
            p: number;
            /** @description 16 random octets. */
            salt: components["schemas"]["Base64"];
            /**
             * Format: int32
             * @description Passes.
             */
            t: number;
        };
        /** @description What clients choose for a new password. */
        KdfChoice: {
            /** Format: int32 */
            m_kib: number;
            /** Format: int32 */
            t: number;
        };
        /** @description What a message's leaf has the digests of. */
        LeafContent: {
            env: components["schemas"]["Base64"];
            sig: components["schemas"]["Base64"];
        };
        /** @description Leaves without a gap, the first asked for in front. */
        LeafPage: {
            items: components["schemas"]["LogLeaf"][];
        };
        /** @description A range of leaves and what ties it to the checkpoint that the export reaches. */
        LeafRange: {
            checkpoint: components["schemas"]["Checkpoint"];
            /** @description The consistency proof from size `to` to the checkpoint's. */
            consistency: components["schemas"]["Base64"][];
            export_id: components["schemas"]["ExportId"];
            /**
             * Format: int64
             * @description The first leaf.
             */
            from: number;
            /** @description The roots of the full subtrees before `from`, left to right: with the leaves they give the root at `to`. */
            frontier: components["schemas"]["Base64"][];
            room_id: components["schemas"]["RoomId"];
            /**
             * Format: date-time
             * @description The messages of the export: accepted at or after this time, as far as the case reaches.
             */
            since?: string | null;
            /**
             * Format: int64
             * @description One behind the last leaf.
             */
            to: number;
            /**
             * Format: date-time
             * @description And before this one.
             */
            until?: string | null;
        };
        /** @description One limit that is in force. */
        LimitReport: {
            /** Format: int64 */
            limit: number;
            /** @description The service and its setting, such as `auth.throttle.login_known`. */
            name: string;
            /**
             * Format: int64
             * @description As many again over this time; absent where nothing comes back by itself.
             */
            window_s?: number | null;
        };
        /** @description The most that the server takes. */
        Limits: {
            body_octets: number;
            certificate_octets: number;
            envelope_octets: number;
            epoch_blob_octets: number;
            grants_per_request: number;
            locked_key_octets: number;
            /** Format: int32 */
            page_items: number;
            room_name_chars: number;
            rooms_per_user: number;
            signature_octets: number;
            /** Format: int64 */
            signature_skew_s: number;
        };
        /** @description Why an account is locked. */
        LockRequest: {
            /** @description For the audit log and for other admins. */
            reason: string;
        };
        /** @description What waits for the log, and what did not get into it. */
        LogHealth: {
            /**
             * Format: int64
             * @description Messages that came with a number, or an id, that another has: events of the log.
             */
            conflicts: number;
            /**
             * Format: int64
             * @description Messages and events that are not of their format, or in conflict with what is stored.
             */
            kept_apart: number;
            /**
             * Format: int64
             * @description The newest messages that the checkpoint covers, at most [`GAP_WINDOW`]: they were looked at for gaps.
             */
            looked_at: number;
            /**
             * Format: int64
             * @description Those of them that are neither in the log nor kept apart.
             */
            missing: number;
            /**
             * Format: date-time
             * @description When the newest checkpoint was signed.
             */
            signed_at?: string | null;
            /**
             * Format: int64
             * @description Events that are not in the log yet.
             */
            waiting_events: number;
            /**
             * Format: int64
             * @description Accepted messages that are not in the log yet.
             */
            waiting_messages: number;
            /**
             * Format: int64
             * @description Times that a witness saw another log: events of the log.
             */
            witness_alarms: number;
        };
        /** @description One leaf as the log shows it. */
        LogLeaf: {
            /** @description The body, octet for octet, when it is one of [`ROOM_EVENT_KINDS`]. */
            body?: string | null;
            /** @description Its text (docs/protocol.md section 8). */
            leaf: string;
            /** Format: int64 */
            leaf_index: number;
            message?: components["schemas"]["LeafContent"] | null;
        };
        /** @description A session and the copy of the secret key that the proof unlocks. */
        LoginReply: {
            account: components["schemas"]["Account"];
            /** @description To be shown at the next login, if a bearer token was asked for: failed logins from elsewhere do not count against it. */
            device?: string;
            locked_key: components["schemas"]["Base64"];
            session: components["schemas"]["Session"];
            /** @description The bearer token, if one was asked for. */
            token?: string;
        };
        /** @description A login by password or recovery key. */
        LoginRequest: {
            /** @description Of an authenticator app, when the server has asked for it (`second-factor-required`). */
            code?: string;
            /** @description What an earlier login gave a program. Browsers have it as a cookie. */
            device?: string;
            proof: components["schemas"]["Proof"];
            session: components["schemas"]["SessionForm"];
            username: string;
        };
        /** @description An account as its admins see it: never its keys or its password. */
        ManagedAccount: {
            /** Format: date-time */
            created_at: string;
            fingerprint: components["schemas"]["Fingerprint"];
            /**
             * Format: date-time
             * @description The last use of an open session, to the minute.
             */
            last_seen_at?: string | null;
            lock?: components["schemas"]["AccountLock"] | null;
            role: components["schemas"]["Role"];
            /**
             * Format: int32
             * @description Open sessions.
             */
            sessions: number;
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        Member: {
            /** @description Whether the member holds a grant of the current epoch. */
            granted: boolean;
            /** Format: date-time */
            joined_at: string;
            role: components["schemas"]["RoomRole"];
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        /** @description `event: message`, with the SSE id `<stream epoch>-<seq>`. */
        Message: {
            /** Format: date-time */
            accepted_at: string;
            cid: components["schemas"]["ClientMessageId"];
            env: components["schemas"]["Base64"];
            /** Format: int32 */
            epoch: number;
            id: components["schemas"]["EventId"];
            room_id: components["schemas"]["RoomId"];
            sender: components["schemas"]["UserId"];
            sender_fp: components["schemas"]["Fingerprint"];
            sig: components["schemas"]["Base64"];
        };
        /** @description Which stored messages; every field narrows. Bounds are exclusive for ids, half-open `[from, to)` for times. */
        MessageFilter: {
            after?: components["schemas"]["EventId"] | null;
            before?: components["schemas"]["EventId"] | null;
            /** Format: date-time */
            from?: string | null;
            room_id?: components["schemas"]["RoomId"] | null;
            sender?: components["schemas"]["UserId"] | null;
            /** Format: date-time */
            to?: string | null;
        };
        MessagePage: {
            items: components["schemas"]["StoredMessage"][];
            next_cursor?: string | null;
            stored_up_to?: components["schemas"]["EventId"] | null;
        };
        /** @description An attachment that is going to be uploaded. */
        NewAttachment: {
            attachment_id: components["schemas"]["AttachmentId"];
            /**
             * Format: int64
             * @description All sealed chunks together: each has 131,072 octets and a tag of 16, but the last one may be shorter; at most 200.
             */
            octets: number;
        };
        /** @description Why somebody looks at other people's messages, at which ones, and until when. */
        NewCase: {
            /** Format: date-time */
            expires_at: string;
            legal_basis: string;
            /** @description As the organisation numbers its cases; no two have the same. */
            number: string;
            reason: string;
            scope?: components["schemas"]["Scope"];
            /**
             * Format: date-time
             * @description Until then the people concerned are not told; afterwards they are, and nothing can change that.
             */
            sealed_until?: string | null;
        };
        /** @description A direct conversation as it begins: its room, the room's first key epoch, and a grant for each of the two. */
        NewDirect: {
            epoch: components["schemas"]["NewEpoch"];
            grants: components["schemas"]["NewGrant"][];
            room_id: components["schemas"]["RoomId"];
        };
        /** @description The key pair of a room for a time, as its opener made it (docs/protocol.md, "Epoch"). */
        NewEpoch: {
            /** @description SEIPDv2 of the room secret key under the blob key; without any PKESK. */
            blob: components["schemas"]["Base64"];
            /** @description The room certificate: v6, no user id. */
            cert: components["schemas"]["Base64"];
            /**
             * Format: int32
             * @description Counts from 1, without gaps.
             */
            epoch: number;
            prev_fp?: components["schemas"]["Fingerprint"] | null;
            /** @description The opener's detached signature over the statement of docs/protocol.md. */
            sig: components["schemas"]["Base64"];
        };
        /** @description The blob key of an epoch for one member: a PKESK v6 of 111 octets. */
        NewGrant: {
            /** Format: int32 */
            epoch: number;
            pkesk: components["schemas"]["Base64"];
            /** @description The granter's detached signature over the statement of docs/protocol.md. */
            sig: components["schemas"]["Base64"];
            to: components["schemas"]["UserId"];
            /** @description The recipient's certificate. */
            to_fp: components["schemas"]["Fingerprint"];
        };
        NewHistory: {
            history: components["schemas"]["History"];
        };
        /** @description An invite link as its maker registers it. The server sees neither the secret nor what it unlocks. */
        NewInvite: {
            /** @description SHA-256 of the `auth` derived from the link's secret. */
            auth_hash: components["schemas"]["Base64"];
            /** Format: int32 */
            epoch: number;
            /** Format: date-time */
            expires_at: string;
            invite_id: components["schemas"]["InviteId"];
            /** @description The current epoch's blob key under the `lock` derived from the link's secret; 60 octets. */
            locked: components["schemas"]["Base64"];
            /** @description Older keys that the link opens too, newest first: where newcomers get the whole past. */
            older?: components["schemas"]["OlderKey"][];
            /** Format: int32 */
            uses_max: number;
        };
        /** @description An envelope and its detached signature (docs/protocol.md, "Message"). */
        NewMessage: {
            cid: components["schemas"]["ClientMessageId"];
            env: components["schemas"]["Base64"];
            /**
             * Format: int32
             * @description The key epoch that `env` is encrypted to.
             */
            epoch: number;
            sig: components["schemas"]["Base64"];
        };
        NewReadMarker: {
            /** @description 60 octets that only the caller's own clients open. */
            sealed: components["schemas"]["Base64"];
        };
        /** @description A room with its first key epoch and its creator's own grant. */
        NewRoom: {
            admission: components["schemas"]["Admission"];
            epoch: components["schemas"]["NewEpoch"];
            grant: components["schemas"]["NewGrant"];
            kind: components["schemas"]["RoomKind"];
            name: string;
            room_id: components["schemas"]["RoomId"];
        };
        /** @description What an authenticator app needs; shown once. */
        NewSecondFactor: {
            /** @description Base32 (RFC 4648), to be typed. */
            secret: string;
            /** @description The same as a key URI (`otpauth://totp/...`), to be scanned. */
            uri: string;
        };
        /** @description The blob key of an epoch before the invite's own, under the same lock; 60 octets. */
        OlderKey: {
            /** Format: int32 */
            epoch: number;
            locked: components["schemas"]["Base64"];
        };
        /** @enum {string} */
        Order: "oldest_first" | "newest_first";
        Organisation: {
            compliance?: components["schemas"]["Certificate"] | null;
            /**
             * @description Every compliance certificate, from the first to the newest, which may not be in force yet. Absent from a service that is
             *     older than this one.
             */
            compliance_succession: components["schemas"]["ComplianceStep"][];
            lobby?: components["schemas"]["RoomId"] | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_Access: {
            items: {
                action: components["schemas"]["AccessAction"];
                approver?: components["schemas"]["UserId"] | null;
                /** Format: date-time */
                at: string;
                case_number: string;
                /** Format: uuid */
                event_id: string;
                /** Format: int64 */
                leaf_index: number;
                legal_basis: string;
                /**
                 * Format: int64
                 * @description How many messages of this person.
                 */
                messages: number;
                officer: components["schemas"]["UserId"];
            }[];
            next_cursor?: string | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_Account: {
            items: {
                /** @description The OpenPGP certificate (transferable public key, binary). */
                certificate: components["schemas"]["Base64"];
                /** Format: date-time */
                created_at: string;
                fingerprint: components["schemas"]["Fingerprint"];
                role: components["schemas"]["Role"];
                user_id: components["schemas"]["UserId"];
                username: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_Case: {
            items: {
                /** @description Oldest first. */
                approvals: components["schemas"]["Approval"][];
                case_id: components["schemas"]["CaseId"];
                /** Format: date-time */
                closed_at?: string | null;
                closed_by?: components["schemas"]["UserId"] | null;
                /** Format: date-time */
                expires_at: string;
                /**
                 * Format: int64
                 * @description The leaf of its opening.
                 */
                leaf_index: number;
                legal_basis: string;
                number: string;
                /** Format: date-time */
                opened_at: string;
                opened_by: components["schemas"]["UserId"];
                reason: string;
                scope: components["schemas"]["Scope"];
                /** Format: date-time */
                sealed_until?: string | null;
            }[];
            next_cursor?: string | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_Hold: {
            items: {
                case_id: components["schemas"]["CaseId"];
                hold_id: components["schemas"]["HoldId"];
                /**
                 * Format: int64
                 * @description The leaf of its placing.
                 */
                leaf_index: number;
                /** Format: date-time */
                placed_at: string;
                placed_by: components["schemas"]["UserId"];
                reason: string;
                release?: components["schemas"]["HoldRelease"] | null;
                scope: components["schemas"]["Scope"];
            }[];
            next_cursor?: string | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_ManagedAccount: {
            items: {
                /** Format: date-time */
                created_at: string;
                fingerprint: components["schemas"]["Fingerprint"];
                /**
                 * Format: date-time
                 * @description The last use of an open session, to the minute.
                 */
                last_seen_at?: string | null;
                lock?: components["schemas"]["AccountLock"] | null;
                role: components["schemas"]["Role"];
                /**
                 * Format: int32
                 * @description Open sessions.
                 */
                sessions: number;
                user_id: components["schemas"]["UserId"];
                username: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_Member: {
            items: {
                /** @description Whether the member holds a grant of the current epoch. */
                granted: boolean;
                /** Format: date-time */
                joined_at: string;
                role: components["schemas"]["RoomRole"];
                user_id: components["schemas"]["UserId"];
                username: string;
            }[];
            next_cursor?: string | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_ProvenEvent: {
            items: {
                actor?: components["schemas"]["UserId"] | null;
                /** Format: date-time */
                at: string;
                /** @description Octet for octet as the leaf covers it. */
                body: string;
                /** Format: uuid */
                event_id: string;
                kind: string;
                /** Format: int64 */
                leaf_index: number;
                /** @description The audit path in the tree of the export's checkpoint. */
                path: components["schemas"]["Base64"][];
            }[];
            next_cursor?: string | null;
        };
        /** @description One page of a listing. `next_cursor` is opaque; it is absent on the last page. */
        Page_StoredEvent: {
            items: {
                actor?: components["schemas"]["UserId"] | null;
                /** Format: date-time */
                at: string;
                body: unknown;
                /** Format: uuid */
                event_id: string;
                kind: string;
                /** Format: int64 */
                leaf_index: number;
            }[];
            next_cursor?: string | null;
        };
        /** @description A new password, with proof of the old one or of the recovery key. */
        PasswordRequest: {
            /** @description Derived from the new password; 32 octets. */
            auth: components["schemas"]["Base64"];
            kdf: components["schemas"]["Kdf"];
            /** @description The secret key, locked under the new password. */
            locked_key: components["schemas"]["Base64"];
            proof: components["schemas"]["Proof"];
        };
        /** @description The other one of two. */
        Peer: {
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        Policy: {
            /**
             * Format: int32
             * @description The longest that a case can be open.
             */
            case_days_max: number;
            /** @description What a second officer has to approve. */
            four_eyes: components["schemas"]["AccessAction"][];
            /**
             * Format: int32
             * @description The longest that people concerned are not told.
             */
            sealed_days_max: number;
            /** @description Verifier keys of the witnesses that the log asks. */
            witnesses?: string[];
        };
        /** @description Whose parameters are asked for. */
        PreloginRequest: {
            username: string;
        };
        /** @enum {string} */
        Presence: "online" | "offline";
        PresenceChanged: {
            /** Format: date-time */
            at: string;
            state: components["schemas"]["Presence"];
            user_id: components["schemas"]["UserId"];
        };
        /** @description An error as a client sees it (RFC 9457). It never holds a cause from inside. */
        Problem: {
            detail: string;
            /** @description What is wrong with which part of the request. */
            errors?: components["schemas"]["FieldError"][];
            /** @description Quote it when you ask for help. */
            request_id?: string | null;
            /**
             * Format: int32
             * @description Also sent as `Retry-After`, seconds.
             */
            retry_after_s?: number | null;
            /** Format: int32 */
            status: number;
            title: string;
            /** @description `/problems/<slug>`: a page that explains it, and the name to match on. */
            type: string;
        };
        /** @description What the caller knows: one secret derived from the password or from the recovery key, 32 octets. */
        Proof: {
            auth: components["schemas"]["Base64"];
            /** @enum {string} */
            kind: "password";
        } | {
            auth: components["schemas"]["Base64"];
            /** @enum {string} */
            kind: "recovery";
        };
        /** @description An event with its exact body and the proof that the log has it. */
        ProvenEvent: {
            actor?: components["schemas"]["UserId"] | null;
            /** Format: date-time */
            at: string;
            /** @description Octet for octet as the leaf covers it. */
            body: string;
            /** Format: uuid */
            event_id: string;
            kind: string;
            /** Format: int64 */
            leaf_index: number;
            /** @description The audit path in the tree of the export's checkpoint. */
            path: components["schemas"]["Base64"][];
        };
        /** @description How far an account has read in a room, sealed under a key that only the account's own clients have. */
        ReadMarker: {
            room_id: components["schemas"]["RoomId"];
            /** @description 60 octets: docs/protocol.md, "Read marker". */
            sealed: components["schemas"]["Base64"];
        };
        /** @description The second copy of the secret key, locked under the recovery key. */
        Recovery: {
            /** @description Derived from the recovery key as `auth` is from the password; 32 octets. */
            auth: components["schemas"]["Base64"];
            locked_key: components["schemas"]["Base64"];
        };
        RedeemedInvite: {
            epoch: components["schemas"]["Epoch"];
            locked: components["schemas"]["Base64"];
            older?: components["schemas"]["OlderKey"][];
            room: components["schemas"]["Room"];
        };
        /** @description A session with a later end. */
        RefreshReply: {
            session: components["schemas"]["Session"];
            /** @description The new bearer token, if the old one was a bearer token; the old one has ended. */
            token?: string;
        };
        /** @description A new account, as its client made it. */
        RegisterRequest: {
            /** @description Derived from the password; 32 octets. */
            auth: components["schemas"]["Base64"];
            bootstrap_token?: string;
            certificate: components["schemas"]["Base64"];
            invite?: components["schemas"]["InviteProof"];
            kdf: components["schemas"]["Kdf"];
            locked_key: components["schemas"]["Base64"];
            recovery: components["schemas"]["Recovery"];
            session: components["schemas"]["SessionForm"];
            username: string;
        };
        /**
         * @description Who may register.
         * @enum {string}
         */
        Registration: "open" | "invite";
        /** @description `event: reset`: ids known to the client mean nothing any more; reload the history. */
        Reset: {
            head: components["schemas"]["EventId"];
        };
        /** @enum {string} */
        Resume: "fresh" | "exact" | "gap" | "reset";
        /** @description How long messages stay readable. */
        RetentionRequest: {
            /**
             * Format: int32
             * @description Days after the day of acceptance. `null`: a room follows the organisation, the organisation keeps for ever.
             */
            days?: number | null;
            room_id?: components["schemas"]["RoomId"] | null;
        };
        /** @description How long messages stay readable; their leaves stay for ever. */
        RetentionRule: {
            /** Format: int32 */
            days?: number | null;
            /** Format: int64 */
            leaf_index: number;
            room_id?: components["schemas"]["RoomId"] | null;
            /** Format: date-time */
            set_at: string;
            set_by: components["schemas"]["UserId"];
        };
        /** @description `event: revoke`: the session ended; the stream closes and is not reopened. */
        Revoke: {
            reason: string;
        };
        RevokedSessions: {
            /** Format: int32 */
            revoked: number;
        };
        /**
         * @description What an account may do beyond its own rooms.
         * @enum {string}
         */
        Role: "member" | "admin" | "auditor";
        /** @description What an account may do from now on. */
        RoleRequest: {
            role: components["schemas"]["Role"];
        };
        Room: {
            admission: components["schemas"]["Admission"];
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int32
             * @description The current key epoch.
             */
            epoch: number;
            /** @description Whether the caller holds a grant of the current epoch. */
            granted: boolean;
            /** @description Absent from a service that is older than this one. */
            history: components["schemas"]["History"];
            kind: components["schemas"]["RoomKind"];
            /** Format: int32 */
            member_count: number;
            name: string;
            peer?: components["schemas"]["Peer"] | null;
            /** @description Whether the caller has asked to join and waits for an answer. */
            requested: boolean;
            role?: components["schemas"]["RoomRole"] | null;
            room_id: components["schemas"]["RoomId"];
        };
        /** @enum {string} */
        RoomChange: "created" | "members" | "epoch" | "grant" | "request" | "invites" | "settings";
        /**
         * Format: uuid
         * @description A room.
         */
        RoomId: string;
        /** @description A room with what the caller needs to read it. */
        RoomKeys: {
            /** @description Oldest first. */
            epochs: components["schemas"]["Epoch"][];
            /** @description The caller's own grants. */
            grants: components["schemas"]["Grant"][];
            room: components["schemas"]["Room"];
        };
        /**
         * @description What a room is.
         * @enum {string}
         */
        RoomKind: "lobby" | "public" | "private";
        /** @description `event: room`: something about a room is worth reading again. */
        RoomNotice: {
            change: components["schemas"]["RoomChange"];
            room_id: components["schemas"]["RoomId"];
            user_id?: components["schemas"]["UserId"] | null;
        };
        /** @enum {string} */
        RoomRole: "admin" | "member";
        /** @description What a case or a hold is about. An empty list, or an absent bound, does not narrow. Times are half-open `[from, to)`. */
        Scope: {
            /** Format: date-time */
            from?: string | null;
            /** @description The senders. */
            people?: components["schemas"]["UserId"][];
            rooms?: components["schemas"]["RoomId"][];
            /** Format: date-time */
            to?: string | null;
        };
        /** @description What an account has beside its password: time-based one-time codes (RFC 6238: SHA-1, 6 digits, 30 s). */
        SecondFactor: {
            /** @description A login by password needs a code. */
            active: boolean;
            /** @description The account's role counts only in sessions that were opened with a code. */
            required: boolean;
            /** @description This session was. */
            used: boolean;
        };
        /** @description The first code of a new second factor. */
        SecondFactorConfirmation: {
            /** @description 6 digits. */
            code: string;
        };
        /** @description Proof of who does without: the password with a code, or the recovery key. */
        SecondFactorRemoval: {
            code?: string;
            proof: components["schemas"]["Proof"];
        };
        /** @description Proof of who wants a second factor. */
        SecondFactorRequest: {
            proof: components["schemas"]["Proof"];
        };
        /** @description When an account was last seen, and whether it is there now. */
        SeenAccount: {
            /** Format: date-time */
            last_seen: string;
            state: components["schemas"]["Presence"];
            user_id: components["schemas"]["UserId"];
        };
        /** @description The server, its organisation and its limits. */
        ServerInfo: {
            kdf: components["schemas"]["KdfChoice"];
            limits: components["schemas"]["Limits"];
            organisation: components["schemas"]["Organisation"];
            registration: components["schemas"]["Registration"];
            /** Format: date-time */
            time: string;
            version: string;
        };
        Session: {
            /** Format: date-time */
            expires_at: string;
            fingerprint: components["schemas"]["Fingerprint"];
            role: components["schemas"]["Role"];
            session_id: components["schemas"]["SessionId"];
            user_id: components["schemas"]["UserId"];
            username: string;
        };
        /**
         * @description How the session comes back: as a cookie for browsers, as a bearer token for programs.
         * @enum {string}
         */
        SessionForm: "cookie" | "token";
        /**
         * Format: uuid
         * @description A session of an account: one login on one device.
         */
        SessionId: string;
        /** @description A row of the session list. */
        SessionInfo: {
            address: string;
            /** Format: date-time */
            created_at: string;
            /** @description Whether the request that asked came through this session. */
            current: boolean;
            device: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: date-time */
            last_seen_at: string;
            session_id: components["schemas"]["SessionId"];
        };
        StoredEvent: {
            actor?: components["schemas"]["UserId"] | null;
            /** Format: date-time */
            at: string;
            body: unknown;
            /** Format: uuid */
            event_id: string;
            kind: string;
            /** Format: int64 */
            leaf_index: number;
        };
        /** @description A message as it was accepted: the envelope, its signature, and what the servers know about it. */
        StoredMessage: {
            /** Format: date-time */
            accepted_at: string;
            cid: components["schemas"]["ClientMessageId"];
            env: components["schemas"]["Base64"];
            /** Format: int32 */
            epoch: number;
            id: components["schemas"]["EventId"];
            /**
             * Format: int64
             * @description The position of its leaf in the log.
             */
            leaf_index: number;
            room_id: components["schemas"]["RoomId"];
            sender: components["schemas"]["UserId"];
            /** @description The certificate that `sig` verifies with. */
            sender_fp: components["schemas"]["Fingerprint"];
            sig: components["schemas"]["Base64"];
        };
        /** @description A stream as JetStream describes it. Answered by chat-svc. */
        StreamReport: {
            /** Format: int64 */
            age_max_s: number;
            consumers: components["schemas"]["ConsumerReport"][];
            /** Format: date-time */
            created_at: string;
            /**
             * Format: int32
             * @description Of the accepted messages' stream; absent while it is not the stream that Postgres remembers.
             */
            epoch?: number | null;
            /** Format: int64 */
            first_seq: number;
            /** Format: int64 */
            last_seq: number;
            /** Format: int64 */
            messages: number;
            name: string;
            /** Format: int64 */
            octets: number;
            /**
             * Format: int64
             * @description A full stream refuses new messages.
             */
            octets_max: number;
            /** Format: int32 */
            replicas: number;
        };
        /** @description Somebody is writing in a room; it ends by itself after [`TYPING_S`]. */
        TypingStarted: {
            room_id: components["schemas"]["RoomId"];
            user_id: components["schemas"]["UserId"];
        };
        /**
         * Format: uuid
         * @description An account.
         */
        UserId: string;
        /** @description Whether others see when the caller is there. */
        Visibility: {
            shown: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevokedSessions"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactor"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewSecondFactor"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirm_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorConfirmation"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactor"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorRemoval"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactor"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_limits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitReport"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    describe_streams: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StreamReport"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_managed_accounts: {
        parameters: {
            query?: {
                /** @description Only locked ones. */
                locked?: boolean;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items of the page; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ManagedAccount"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_managed_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedAccount"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lock_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedAccount"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unlock_account: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedAccount"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reset_login_limits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedAccount"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_account_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_account_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevokedSessions"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_account_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
                session_id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevokedSessions"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_cases: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items of the page; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Case"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_case: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCase"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: components["schemas"]["CaseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    request_approval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: components["schemas"]["CaseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decide_approval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: components["schemas"]["CaseId"];
                approval_id: components["schemas"]["ApprovalId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalDecision"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    close_case: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: components["schemas"]["CaseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CaseClosing"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Case"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    grant_decryption: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: components["schemas"]["CaseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecryptionRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessReceipt"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_export: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: components["schemas"]["CaseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Export"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    place_hold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case_id: components["schemas"]["CaseId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hold"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_checkpoint: {
        parameters: {
            query?: {
                /** @description The newest that every configured witness has cosigned, instead of the newest. */
                witnessed?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkpoint"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_consistency_proof: {
        parameters: {
            query: {
                from: number;
                to: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsistencyProof"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    query_events: {
        parameters: {
            query?: {
                /** @description An event name such as `session_opened`. */
                kind?: string;
                actor?: components["schemas"]["UserId"];
                /** @description Only what belongs to this case. */
                case_id?: components["schemas"]["CaseId"];
                /** @description At or after this time. */
                from?: string;
                /** @description Before this time. */
                to?: string;
                order?: components["schemas"]["Order"];
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_StoredEvent"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_leaves: {
        parameters: {
            query: {
                from: number;
                /** @description Exclusive. */
                to: number;
            };
            header?: never;
            path: {
                export_id: components["schemas"]["ExportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeafPage"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    find_range: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                export_id: components["schemas"]["ExportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeafRange"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_room_events: {
        parameters: {
            query: {
                /** @description Only events whose leaf is before this one. */
                before: number;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                export_id: components["schemas"]["ExportId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ProvenEvent"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_log_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogHealth"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_holds: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items of the page; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Hold"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    release_hold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                hold_id: components["schemas"]["HoldId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldReleaseRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Hold"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    query_messages: {
        parameters: {
            query?: {
                /** @description The case that other people's messages are looked at for; auditors only. */
                case_id?: components["schemas"]["CaseId"];
                room_id?: components["schemas"]["RoomId"];
                sender?: components["schemas"]["UserId"];
                /** @description Accepted at or after this time. */
                from?: string;
                /** @description Accepted before this time. */
                to?: string;
                /** @description Exclusive. */
                after?: components["schemas"]["EventId"];
                /** @description Exclusive. */
                before?: components["schemas"]["EventId"];
                order?: components["schemas"]["Order"];
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_inclusion_proof: {
        parameters: {
            query?: {
                case_id?: components["schemas"]["CaseId"];
                /** @description Up to the newest checkpoint that every configured witness has cosigned, instead of the newest. */
                witnessed?: boolean;
            };
            header?: never;
            path: {
                id: components["schemas"]["EventId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InclusionProof"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_retention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionRule"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_retention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetentionRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionRule"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    log_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginReply"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    log_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prelogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreloginRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Kdf"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefreshReply"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginReply"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_certificate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                fingerprint: components["schemas"]["Fingerprint"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_direct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDirect"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream_events: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id of the last `message` that the client has */
                "Last-Event-ID"?: components["schemas"]["EventId"] | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invite_id: components["schemas"]["InviteId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteAuth"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitePreview"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redeem_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invite_id: components["schemas"]["InviteId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteAuth"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedeemedInvite"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_accesses: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items of the page; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Access"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_access_proof: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                leaf_index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InclusionProof"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_read_markers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadMarker"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_compliance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ComplianceRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotate_compliance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ComplianceRotationRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organisation"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_presence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeenAccount"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_visibility: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Visibility"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_rooms: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_room: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRoom"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoomKeys"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    begin_attachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAttachment"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attachment"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_attachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                attachment_id: components["schemas"]["AttachmentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attachment"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    drop_attachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                attachment_id: components["schemas"]["AttachmentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_chunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                attachment_id: components["schemas"]["AttachmentId"];
                index: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    put_chunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                attachment_id: components["schemas"]["AttachmentId"];
                index: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    complete_attachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                attachment_id: components["schemas"]["AttachmentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompletedAttachment"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attachment"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_epoch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EpochRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Epoch"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_grants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GrantsRequest"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewHistory"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Room"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_invites: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invite"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewInvite"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invite"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                invite_id: components["schemas"]["InviteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    join_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinOutcome"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    leave_room: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_members: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Items of the page; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Member"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_member: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_messages: {
        parameters: {
            query?: {
                /** @description Exclusive. */
                before?: components["schemas"]["EventId"];
                /** @description Exclusive. */
                after?: components["schemas"]["EventId"];
                order?: components["schemas"]["Order"];
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_message: {
        parameters: {
            query?: never;
            header: {
                /** @description Equal to the body's `cid` */
                "Idempotency-Key": components["schemas"]["ClientMessageId"];
            };
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedMessage"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_read_marker: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewReadMarker"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_requests: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinRequest"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decide_request: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinDecision"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_typing: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                room_id: components["schemas"]["RoomId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_server: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServerInfo"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"][];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_sessions: {
        parameters: {
            query: {
                scope: "all" | "others";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevokedSessions"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevokedSessions"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description Letters that the user name holds, wherever they stand. */
                name?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Account"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description The request is refused and has changed nothing. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The service could not answer. `Retry-After` says when to try again; see `Sealcast-Outcome` where it is documented. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
