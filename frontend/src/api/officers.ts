import { V1, call } from "./client";
import type { ApprovalDecision, ApprovalRequest, ExportRequest, NewCase, Scope } from "./types";

const CASES_PAGE = 100;
const EVENTS_PAGE = 200;
const DECRYPTIONS_PER_GRANT_MAX = 200;

type Through = (request: () => Promise<unknown>) => Promise<unknown>;

/** What only officers ask for: apart from `api`, so that nobody else loads it. */
export const officers = {
  auditPolicy: () => call("get", `${V1}/audit/policy`, {}),
  cases: () => call("get", `${V1}/audit/cases`, { query: { limit: CASES_PAGE } }),
  openCase: (body: NewCase) => call("post", `${V1}/audit/cases`, { body }),
  requestApproval: (id: string, body: ApprovalRequest) =>
    call("post", `${V1}/audit/cases/{case_id}/approvals`, { path: { case_id: id }, body }),
  decideApproval: (id: string, approval: string, body: ApprovalDecision) =>
    call("post", `${V1}/audit/cases/{case_id}/approvals/{approval_id}`, {
      path: { case_id: id, approval_id: approval },
      body,
    }),
  /** Any number of messages, in as many requests as it takes; `through` may try each of them again. */
  grantDecryption: async (id: string, ids: string[], through: Through = (request) => request()) => {
    for (let at = 0; at < ids.length; at += DECRYPTIONS_PER_GRANT_MAX) {
      const body = { ids: ids.slice(at, at + DECRYPTIONS_PER_GRANT_MAX) };
      await through(() => call("post", `${V1}/audit/cases/{case_id}/decryptions`, { path: { case_id: id }, body }));
    }
  },
  closeCase: (id: string, note: string) =>
    call("post", `${V1}/audit/cases/{case_id}/close`, { path: { case_id: id }, body: { note } }),
  startExport: (id: string, body: ExportRequest) =>
    call("post", `${V1}/audit/cases/{case_id}/exports`, { path: { case_id: id }, body }),
  leafRange: (exportId: string) =>
    call("get", `${V1}/audit/exports/{export_id}/range`, { path: { export_id: exportId } }),
  leaves: (exportId: string, from: number, to: number) =>
    call("get", `${V1}/audit/exports/{export_id}/leaves`, { path: { export_id: exportId }, query: { from, to } }),
  roomEvents: (exportId: string, before: number, cursor?: string) => {
    const query = { before, limit: EVENTS_PAGE, ...(cursor === undefined ? {} : { cursor }) };
    return call("get", `${V1}/audit/exports/{export_id}/room-events`, { path: { export_id: exportId }, query });
  },
  holds: (cursor?: string) =>
    call("get", `${V1}/audit/holds`, {
      query: { limit: CASES_PAGE, ...(cursor === undefined ? {} : { cursor }) },
    }),
  placeHold: (id: string, body: { scope: Scope; reason: string }) =>
    call("post", `${V1}/audit/cases/{case_id}/holds`, { path: { case_id: id }, body }),
  releaseHold: (id: string, reason: string) =>
    call("post", `${V1}/audit/holds/{hold_id}/release`, { path: { hold_id: id }, body: { reason } }),
  retention: () => call("get", `${V1}/audit/retention`, {}),
  auditMessages: (query: {
    case_id?: string;
    room_id?: string;
    sender?: string;
    from?: string;
    to?: string;
    after?: string;
    before?: string;
    order: "oldest_first" | "newest_first";
    cursor?: string;
    limit: number;
  }) => call("get", `${V1}/audit/messages`, { query }),
  auditEvents: (query: {
    kind?: string;
    actor?: string;
    case_id?: string;
    order: "oldest_first" | "newest_first";
    cursor?: string;
    limit: number;
  }) => call("get", `${V1}/audit/events`, { query }),
  logHealth: () => call("get", `${V1}/audit/health`, {}),
};
