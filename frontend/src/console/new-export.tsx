import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { officers } from "../api/officers";
import type { NewExport } from "../exporter/export-worker";
import { Button } from "../ui/button";
import { PlaceLink } from "./case-card";
import { useCases } from "./cases-query";
import { RoomInput, Select, TimeInput } from "./inputs";
import type { Officer } from "./officer";
import { fromInput, hasConsent, periodOf } from "./words";
import { t } from "../shared/i18n";
import { rich } from "../shared/rich";

interface Props {
  officer: Officer;
  caseId: string | undefined;
  onBegin: (begun: NewExport) => Promise<void>;
}

/** Which messages: those of one room, as far as an open case reaches. */
export function NewExportForm({ officer, caseId, onBegin }: Props) {
  const cases = useCases();
  const policy = useQuery({ queryKey: ["policy"], queryFn: officers.auditPolicy });
  const [chosen, setChosen] = useState(caseId ?? "");
  const [room, setRoom] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [busy, setBusy] = useState(false);
  const open = cases.data?.filter((one) => one.open) ?? [];
  const one = open.find(({ case_id }) => case_id === chosen);
  const rooms = one?.scope.rooms ?? [];
  const onlyRoom = rooms.length === 1 ? rooms[0] : undefined;
  const waits =
    one !== undefined &&
    policy.data?.four_eyes.includes("export") === true &&
    !hasConsent(one, "export", officer.user_id, cases.dataUpdatedAt);
  // The leaves of a room tell of everybody in it.
  const ofPeople = (one?.scope.people ?? []).length > 0;
  const ready = one !== undefined && (onlyRoom ?? room) !== "" && !waits && !ofPeople;
  const begin = async (): Promise<void> => {
    if (!one) return;
    setBusy(true);
    const { case_id, number } = one;
    const scope = { room_id: onlyRoom ?? room, from: fromInput(from), to: fromInput(to) };
    await onBegin({ officer: officer.user_id, case_id, case_number: number, ...scope });
    setBusy(false);
  };
  return (
    <form
      aria-label={t("New export")}
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void begin();
      }}
    >
      <h2 className="font-semibold">{t("Begin an export")}</h2>
      <div className="flex flex-wrap items-end gap-3">
        <Select
          label={t("Case")}
          value={chosen}
          onChange={setChosen}
          options={[
            ["", open.length === 0 ? t("No case is open") : t("Choose …")],
            ...open.map((known) => [known.case_id, known.number] as const),
          ]}
        />
        {onlyRoom === undefined && <RoomInput label={t("Room")} value={room} onChange={setRoom} among={rooms} />}
        <TimeInput label={t("From (UTC)")} value={from} onChange={setFrom} />
        <TimeInput label={t("Until (UTC)")} value={to} onChange={setTo} />
        <Button type="submit" variant="primary" busy={busy} disabled={!ready}>
          {t("Begin")}
        </Button>
      </div>
      {one && !waits && (
        <p className="text-sm text-muted">
          {t("Without times: as far as the case reaches ({period}).", { period: periodOf(one.scope) })}
        </p>
      )}
      {ofPeople && (
        <p role="status" className="rounded-xl bg-warn-soft px-3.5 py-2.5 text-sm text-warn">
          {t(
            "This case reaches only some people, and an export holds what everybody in the room wrote: otherwise it could not show that nothing was left out. It takes a case that names rooms and times only.",
          )}
        </p>
      )}
      {one && waits && !ofPeople && (
        <p role="status" className="rounded-xl bg-warn-soft px-3.5 py-2.5 text-sm text-warn">
          {rich(
            "A second officer has to consent to an export in this case first. Ask for it under {cases}: the other officer finds the question there.",
            {
              cases: (
                <PlaceLink to={{ view: "cases", query: { case: one.case_id, order: "newest_first" } }}>
                  {t("Cases")}
                </PlaceLink>
              ),
            },
          )}
        </p>
      )}
    </form>
  );
}
