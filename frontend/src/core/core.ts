import { api, setServerTime } from "../api/client";
import { ApiError } from "../api/problems";
import type { ServerInfo } from "../api/types";
import { ComplianceCertificate } from "./compliance";
import { fromInviteSecret } from "./crypto/derive";
import { type InviteLink, InviteLinkInvalid, invitePins, parseInviteLink } from "./crypto/invite";
import { type Octets, equal, toBase64 } from "./crypto/octets";
import { type Identity, login } from "./identity";
import type { AuthState, CoreApi, CoreState, Credentials, InvitePreviewInfo, Push } from "./model";
import { Session } from "./session";
import { openStore } from "./store/db";
import type { Connection } from "./stream/reader";

const FIRST_STATE: CoreState = {
  auth: { phase: "starting" },
  connection: { state: "closed", reason: "signed out" },
  compliance: { state: "unknown" },
  log: { state: "unchecked" },
  keyChanges: [],
};

/** The session core: one for all tabs of a browser. Keys live here, and only here. */
export class Core implements CoreApi {
  #announce: (push: Push) => void;
  #state: CoreState = FIRST_STATE;
  #session: Session | undefined;
  #recoveryKey: { octets: Octets; confirmed: boolean } | undefined;
  #oldSession: string | undefined;
  #starting = false;
  #keeping: Promise<void> = Promise.resolve();

  constructor(announce: (push: Push) => void) {
    this.#announce = announce;
  }

  watch: CoreApi["watch"] = async () => ({
    state: this.#state,
    presence: [...(this.#session?.presence.values() ?? [])],
    unread: this.#session?.unread.all() ?? {},
  });

  /** Every tab asks for it when it opens; only the first one, and one after a failure, has something to do. */
  async start(mayRestore: boolean): Promise<void> {
    const { phase } = this.#state.auth;
    if (this.#starting || (phase !== "starting" && phase !== "unreachable")) return;
    this.#starting = true;
    this.#setAuth({ phase: "starting" });
    try {
      // Whoever comes back waits for one answer's time, not for that of each.
      const asked = api.session();
      const server = mayRestore ? this.#server(undefined) : undefined;
      for (const answer of [asked, server]) answer?.catch(() => undefined);
      const kept = await import("./kept-key");
      // Whoever was away too long needs the password, whether the server answers now or later.
      if (!mayRestore) await kept.drop();
      const session = await asked;
      const identity = mayRestore ? await kept.restore(session).catch(() => undefined) : undefined;
      if (identity && server) this.#ready(await this.#open(identity, await server, undefined), await server);
      else {
        await kept.drop().catch(() => undefined);
        this.#oldSession = session.session_id;
        this.#setAuth({ phase: "locked", username: session.username, why: "reload" });
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : "The server cannot be reached.";
      // It takes the key with it. A limit, or a server that is away, does not.
      const ended = error instanceof ApiError && error.code === "session-invalid";
      if (ended) await (await import("./kept-key")).drop().catch(() => undefined);
      this.#setAuth(ended ? { phase: "signed_out" } : { phase: "unreachable", message, ...codeOf(error) });
    }
    this.#starting = false;
  }

  async beginRegistration(): Promise<string> {
    const { newRecoveryKey, recoveryText } = await import("./crypto/recovery");
    this.#recoveryKey ??= { octets: newRecoveryKey(), confirmed: false };
    return recoveryText(this.#recoveryKey.octets);
  }

  async confirmRecoveryKey(typed: string): Promise<void> {
    const { parseRecoveryText } = await import("./crypto/recovery");
    const key = await parseRecoveryText(typed);
    if (!this.#recoveryKey || !equal(key, this.#recoveryKey.octets)) {
      throw new Error("This is a valid recovery key, but not the one shown to you.");
    }
    this.#recoveryKey.confirmed = true;
  }

  async register(form: {
    username: string;
    password: string;
    inviteLink: string | undefined;
  }): Promise<{ roomId: string | undefined }> {
    if (!this.#recoveryKey?.confirmed) throw new Error("Confirm the recovery key first.");
    const link = form.inviteLink === undefined ? undefined : parseInviteLink(form.inviteLink);
    const server = await this.#server(link);
    const { register } = await import("./account");
    const identity = await register(form, this.#recoveryKey.octets, link);
    this.#recoveryKey = undefined;
    const session = await this.#open(identity, server, link);
    await session.people.noteRecoveryChecked();
    try {
      const joined = link && (await (await session.admin()).redeem(link));
      if (joined) session.lookAgain(joined.roomId);
      return { roomId: joined?.roomId };
    } finally {
      this.#ready(session, server);
    }
  }

  async login(credentials: Credentials): Promise<void> {
    const server = await this.#server(undefined);
    const identity = await login(credentials);
    const session = await this.#open(identity, server, undefined);
    const old = this.#oldSession;
    this.#oldSession = undefined;
    // The session that the reload left without keys is of no more use.
    if (old && old !== identity.sessionId) api.revokeSession(old).catch(() => undefined);
    this.#ready(session, server);
  }

  async logout(): Promise<void> {
    await api.logout().catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.failure !== "refused") throw error;
    });
    this.#end({ phase: "signed_out" });
  }

  async previewInvite(text: string): Promise<InvitePreviewInfo> {
    const link = parseInviteLink(text);
    const { auth } = await fromInviteSecret(link.secret);
    await this.#server(link);
    const preview = await api.previewInvite(link.inviteId, toBase64(auth));
    return { roomId: preview.room_id, roomName: preview.room_name, expiresAt: preview.expires_at };
  }

  async redeemInvite(text: string): Promise<{ roomId: string }> {
    const link = parseInviteLink(text);
    await this.#server(link);
    const session = this.#current;
    const { roomId } = await (await session.admin()).redeem(link);
    await session.keysChanged(roomId);
    session.lookAgain(roomId);
    return { roomId };
  }

  /** Forgets the keys in every tab; the session stays, and the password opens it again. */
  async lock(): Promise<void> {
    const { username, sessionId } = this.#current.identity;
    this.#end({ phase: "locked", username, why: "asked" });
    this.#oldSession = sessionId;
  }

  changePassword: CoreApi["changePassword"] = async (form) => {
    const { changePassword } = await import("./account");
    return changePassword(this.#current.identity, form);
  };

  beginSecondFactor: CoreApi["beginSecondFactor"] = async (secret) => {
    const { beginSecondFactor } = await import("./account");
    return beginSecondFactor(this.#current.identity, secret);
  };

  removeSecondFactor: CoreApi["removeSecondFactor"] = async (secret, code) => {
    const { removeSecondFactor } = await import("./account");
    return removeSecondFactor(this.#current.identity, secret, code);
  };

  checkRecoveryKey: CoreApi["checkRecoveryKey"] = async (typed) => {
    const { checkRecoveryKey } = await import("./account");
    const session = this.#current;
    await checkRecoveryKey(session.identity, typed);
    await session.people.noteRecoveryChecked();
  };

  recoveryHealth: CoreApi["recoveryHealth"] = async () => this.#current.people.recoveryHealth();

  keepsKey: CoreApi["keepsKey"] = async () => (await import("./kept-key")).isKeeping();

  setKeepsKey: CoreApi["setKeepsKey"] = async (keep) => {
    const { chooseKeeping } = await import("./kept-key");
    await chooseKeeping(keep);
    this.#keepOrDrop(this.#session);
  };

  createRoom: CoreApi["createRoom"] = async (form) => (await this.#admin).create(form);

  openDirect: CoreApi["openDirect"] = async (userId) => (await this.#admin).direct(userId);

  createInviteLink: CoreApi["createInviteLink"] = async (roomId, terms) =>
    (await this.#admin).inviteLink(roomId, terms, this.#compliance.key);

  decideRequest: CoreApi["decideRequest"] = async (roomId, userId, decision) =>
    (await this.#admin).decide(roomId, userId, decision);

  removeMember: CoreApi["removeMember"] = async (roomId, userId) => (await this.#admin).remove(roomId, userId);
  rotateKey: CoreApi["rotateKey"] = async (roomId) => (await this.#admin).rotate(roomId);
  shareHistory: CoreApi["shareHistory"] = async (roomId, userId) => (await this.#admin).shareHistory(roomId, userId);

  roomKeys: CoreApi["roomKeys"] = async (roomId) => {
    const { epoch, openedAt, keys } = await this.#current.rooms.keys(roomId);
    return { epoch, openedAt, held: [...keys.keys()] };
  };

  personKey: CoreApi["personKey"] = async (userId) => this.#current.people.key(userId);
  setVerified: CoreApi["setVerified"] = async (userId, fingerprint) =>
    this.#current.people.setVerified(userId, fingerprint);
  settleKeyChange: CoreApi["settleKeyChange"] = async (userId) => this.#current.pins.settle(userId);
  openRoom: CoreApi["openRoom"] = async (roomId) => this.#current.openRoom(roomId);
  loadOlder: CoreApi["loadOlder"] = async (roomId) => this.#current.loadOlder(roomId);
  jump: CoreApi["jump"] = async (roomId, to) => this.#current.jump(roomId, to);
  prove: CoreApi["prove"] = async (roomId, key) => this.#current.prove(roomId, key);
  witnesses: CoreApi["witnesses"] = async () => this.#current.witnesses();
  setWitnesses: CoreApi["setWitnesses"] = async (vkeys) => this.#current.setWitnesses(vkeys);
  markRead: CoreApi["markRead"] = async (roomId, id, share) => this.#session?.markRead(roomId, id, share);
  send: CoreApi["send"] = async (roomId, content, uploads) => this.#current.send(roomId, content, uploads);
  upload: CoreApi["upload"] = async (roomId, file) => (await this.#current.files()).upload(roomId, file);
  openFile: CoreApi["openFile"] = async (roomId, key, fileId, ticket) =>
    this.#current.openFile(roomId, key, fileId, ticket);
  cancelTransfer: CoreApi["cancelTransfer"] = async (id) => (await this.#session?.files())?.cancel(id);
  retry: CoreApi["retry"] = async (roomId, key) => this.#current.outbox.retry(roomId, key);
  discard: CoreApi["discard"] = async (roomId, key) => this.#current.outbox.discard(roomId, key);
  draft: CoreApi["draft"] = async (roomId) => this.#current.draft(roomId);
  saveDraft: CoreApi["saveDraft"] = async (roomId, text) => this.#current.saveDraft(roomId, text);
  search: CoreApi["search"] = async (words, roomId) => this.#current.search(words, roomId);
  showPresence: CoreApi["showPresence"] = async (shown) => api.showPresence(shown);
  typing: CoreApi["typing"] = async (roomId) => this.#session?.typing(roomId);
  signExport: CoreApi["signExport"] = async (manifest, at) =>
    (await import("./export-seal")).sign(manifest, this.#current.identity.key, at);
  wake: CoreApi["wake"] = async (immediately) => this.#session?.wake(immediately);

  #compliance = this.#noCompliance();

  #noCompliance(): ComplianceCertificate {
    const made: ComplianceCertificate = new ComplianceCertificate((compliance) => {
      if (made === this.#compliance) this.#set({ compliance });
    });
    return made;
  }

  get #current(): Session {
    if (!this.#session) throw new Error("Sign in first.");
    return this.#session;
  }

  get #admin() {
    return this.#current.admin();
  }

  /** Reads the server's self-description; an invite link must have been made for this organisation. */
  async #server(link: InviteLink | undefined): Promise<ServerInfo> {
    const server = await api.server();
    setServerTime(server.time);
    const { compliance, compliance_succession: all } = server.organisation;
    const known = [...all, ...(compliance ? [compliance] : [])];
    if (link && !known.some(({ fingerprint }) => invitePins(link, fingerprint))) {
      throw new InviteLinkInvalid("This invite link was made for another organisation than the one at this address.");
    }
    return server;
  }

  async #open(identity: Identity, server: ServerInfo, link: InviteLink | undefined): Promise<Session> {
    this.#session?.stop();
    const store = await openStore(identity.userId);
    const compliance = this.#noCompliance();
    await compliance.adopt(server.organisation, store, link);
    this.#compliance = compliance;
    const session = new Session({
      identity,
      store,
      compliance,
      announce: this.#announce,
      onConnection: (connection) => this.#onConnection(session, connection),
      onLog: (log) => this.#set({ log }),
      onKeyChanges: (keyChanges) => this.#set({ keyChanges }),
    });
    this.#session = session;
    this.#set({ compliance: compliance.state, log: { state: "unchecked" } });
    return session;
  }

  /** One after the other: what is dropped must not be put back by what began before. */
  #keepOrDrop(session: Session | undefined): void {
    this.#keeping = this.#keeping.then(async () => {
      const { drop, keep } = await import("./kept-key");
      await drop();
      if (session && session === this.#session) await keep(session.identity);
    });
    // Without it, the next visit asks for the password.
    this.#keeping = this.#keeping.catch(() => undefined);
  }

  #ready(session: Session, server: ServerInfo): void {
    this.#keepOrDrop(session);
    const { userId, username, role, fingerprint } = session.identity;
    const lobby = server.organisation.lobby ?? undefined;
    this.#setAuth({ phase: "ready", account: { userId, username, role, fingerprint }, lobby });
    void session.start();
  }

  #onConnection(session: Session, connection: Connection): void {
    if (session !== this.#session) return;
    this.#set({ connection });
    if (connection.state === "unauthorized")
      this.#end({ phase: "signed_out", notice: "Your session ended. Sign in again." });
    if (connection.state === "closed")
      this.#end({ phase: "signed_out", notice: "This session was ended elsewhere. Sign in again." });
  }

  /** Drops the keys: every tab is signed out at once. */
  #end(auth: AuthState): void {
    this.#session?.stop();
    this.#session = undefined;
    this.#oldSession = undefined;
    this.#compliance = this.#noCompliance();
    this.#keepOrDrop(undefined);
    this.#set({ ...FIRST_STATE, auth });
  }

  #setAuth(auth: AuthState): void {
    this.#set({ auth });
  }

  #set(change: Partial<CoreState>): void {
    this.#state = { ...this.#state, ...change };
    this.#announce({ push: "state", state: this.#state });
  }
}

const codeOf = (error: unknown): { code?: string } => (error instanceof ApiError ? { code: error.code } : {});
