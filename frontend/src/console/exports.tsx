import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { drafts } from "../exporter/drafts";
import type { Draft } from "../exporter/drafts";
import type { NewExport } from "../exporter/export-worker";
import { ExportCard } from "./export-card";
import { runExport } from "./export-job";
import type { Keyring } from "./keyring";
import type { Officer } from "./officer";
import { NewExportForm } from "./new-export";
import { sentenceOf } from "./words";
import { t } from "../shared/i18n";

interface Props {
  officer: Officer;
  /** The case that the officer comes from. */
  caseId: string | undefined;
  keyring: Keyring;
}

/** Exports: one file for somebody outside, which proves itself. */
export function Exports({ officer, caseId, keyring }: Props) {
  const queries = useQueryClient();
  const queryKey = ["exports", officer.user_id];
  const kept = useQuery({ queryKey, staleTime: 0, queryFn: () => drafts(officer.user_id) });
  const [running, setRunning] = useState<ReadonlySet<string>>(new Set());
  const [failures, setFailures] = useState<ReadonlyMap<string, string>>(new Map());
  const [refused, setRefused] = useState("");

  /** Shows how far an export has come, also one that has just begun. */
  const show = (draft: Draft) =>
    queries.setQueryData<Draft[]>(queryKey, (known = []) =>
      known.some(({ export_id }) => export_id === draft.export_id)
        ? known.map((one) => (one.export_id === draft.export_id ? draft : one))
        : [draft, ...known],
    );
  const collect = async (job: { begin: NewExport } | { resume: string }): Promise<void> => {
    let id = "resume" in job ? job.resume : undefined;
    setRefused("");
    setFailures((known) => new Map([...known].filter(([failed]) => failed !== id)));
    try {
      await runExport(job, {
        onDraft: (draft) => {
          id = draft.export_id;
          setRunning((known) => new Set(known).add(draft.export_id));
          show(draft);
        },
      });
    } catch (error) {
      const [failed, sentence] = [id, sentenceOf(error)];
      if (failed === undefined) setRefused(sentence);
      else setFailures((known) => new Map(known).set(failed, sentence));
    }
    setRunning((known) => new Set([...known].filter((one) => one !== id)));
    await kept.refetch();
  };

  return (
    <>
      <p className="text-sm text-muted">
        {t(
          "An export is one file for somebody outside, such as a court: the messages of one room, everything that shows that none was left out or changed, and your signature. Beginning one is recorded in the log, with your name, and the people concerned are told.",
        )}
      </p>
      <NewExportForm key={caseId} officer={officer} caseId={caseId} onBegin={(begin) => collect({ begin })} />
      {refused && (
        <p role="alert" className="text-danger">
          {refused}
        </p>
      )}
      {kept.error && (
        <p role="alert" className="text-danger">
          {t("This browser cannot keep exports: {why}", { why: kept.error.message })}
        </p>
      )}
      {kept.data?.length === 0 && <p className="text-muted">{t("No export was begun in this browser.")}</p>}
      {kept.data?.map((draft) => (
        <ExportCard
          key={draft.export_id}
          draft={draft}
          officer={officer}
          keyring={keyring}
          busy={running.has(draft.export_id)}
          failure={failures.get(draft.export_id)}
          onContinue={() => void collect({ resume: draft.export_id })}
          onDropped={() => void kept.refetch()}
        />
      ))}
    </>
  );
}
