import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { officers } from "../api/officers";
import { CaseCard } from "./case-card";
import { useCases } from "./cases-query";
import { NewCaseForm } from "./new-case";
import type { Officer } from "./officer";
import { actionName, sentenceOf } from "./words";
import { t } from "../shared/i18n";

/** Cases with what was asked and decided; a second officer consents here. */
export function Cases({ officer }: { officer: Officer }) {
  const queries = useQueryClient();
  const cases = useCases();
  const policy = useQuery({ queryKey: ["policy"], queryFn: officers.auditPolicy });
  const [error, setError] = useState("");
  /** Whether it was done. */
  const after = async (change: Promise<unknown>): Promise<boolean> => {
    setError("");
    const done = await change.then(
      () => true,
      (failure: unknown) => {
        setError(sentenceOf(failure));
        return false;
      },
    );
    await Promise.all([cases.refetch(), queries.invalidateQueries({ queryKey: ["holds"] })]);
    return done;
  };
  if (cases.isPending) return <p role="status">{t("Loading …")}</p>;
  if (cases.error) return <p role="alert">{sentenceOf(cases.error)}</p>;
  return (
    <>
      {error && (
        <p role="alert" className="text-danger">
          {error}
        </p>
      )}
      <p className="text-sm text-muted">
        {t("Nobody looks at other people’s messages without a case. A second officer has to consent to: {actions}.", {
          actions: policy.data?.four_eyes.map(actionName).join(", ") ?? "…",
        })}
      </p>
      <NewCaseForm policy={policy.data} onOpen={(made) => after(officers.openCase(made))} />
      {cases.data.length === 0 && <p className="text-muted">{t("There is no case yet.")}</p>}
      {cases.data.map((one) => (
        <CaseCard key={one.case_id} one={one} officer={officer} asOf={cases.dataUpdatedAt} after={after} />
      ))}
    </>
  );
}
