import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BadgeCheck, ScanLine, ShieldAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { PersonKey } from "../../core/model";
import { core } from "../../shared/core-client";
import { whyOf } from "../../shared/failures";
import { t } from "../../shared/i18n";
import { Button, Spinner } from "../../ui/button";
import { Centered } from "../../ui/centered";
import { Notice } from "../../ui/notice";
import { parseCompareCode } from "./compare-code";
import { personQuery } from "./queries";

/** Where a scanned code leads: whether it fits what this device knows, and what to make of it. */
export function Compare({ fragment, me }: { fragment: string; me: string }) {
  const code = parseCompareCode(fragment);
  const own = code?.userId === me;
  const { data: person, error } = useQuery({
    ...personQuery(code?.userId ?? ""),
    enabled: code !== undefined && !own,
    staleTime: 0,
  });
  if (!code || own) {
    return (
      <Result title={own ? t("This code is yours") : t("This is not a code for comparing keys")}>
        <p className="max-w-sm text-muted">
          {t("Let the other person scan it: they open a member’s details and choose “Show as QR code”.")}
        </p>
      </Result>
    );
  }
  if (error)
    return <Result title={t("This code could not be checked")} problem={whyOf(error, t("That did not work."))} />;
  if (!person) {
    return (
      <Centered>
        <Spinner />
      </Centered>
    );
  }
  if (person.words.join() !== code.words.join()) return <Differs name={person.username} />;
  return <Fits userId={code.userId} person={person} />;
}

function Fits({ userId, person }: { userId: string; person: PersonKey }) {
  const { username: name, fingerprint } = person;
  const verified = person.verifiedAt !== undefined;
  const queries = useQueryClient();
  const verify = async () => {
    // A key that changed meanwhile is drawn anew, to be compared again.
    await core.setVerified(userId, fingerprint).catch(() => undefined);
    await queries.invalidateQueries({ queryKey: personQuery(userId).queryKey });
  };
  if (verified) {
    return (
      <Result
        title={t("{name} is verified", { name })}
        icon={<BadgeCheck className="size-10 text-accent" aria-hidden="true" />}
      >
        <p className="max-w-sm text-muted">
          {t("If their key ever changes, nothing is sent where they are until you decide.")}
        </p>
      </Result>
    );
  }
  return (
    <Result
      title={t("The code fits {name}’s key", { name })}
      icon={<ScanLine className="size-10 text-accent" aria-hidden="true" />}
    >
      <p className="max-w-sm text-muted">
        {t("Go on only if you scanned it from {name}’s own screen. Anybody can send you a link that looks right.", {
          name,
        })}
      </p>
      <Button variant="primary" onClick={() => void verify()}>
        {t("I scanned it from {name}’s screen", { name })}
      </Button>
    </Result>
  );
}

function Differs({ name }: { name: string }) {
  return (
    <Result
      title={t("The code does not fit {name}’s key", { name })}
      icon={<ShieldAlert className="size-10 text-danger" aria-hidden="true" />}
      problem={t(
        "This device knows another key for {name} than their own device does, so somebody may be in between. Tell an administrator before you write anything that matters.",
        { name },
      )}
    />
  );
}

interface ResultProps {
  title: string;
  icon?: ReactNode;
  problem?: string;
  children?: ReactNode;
}

function Result({ title, icon, problem, children }: ResultProps) {
  return (
    <Centered>
      {icon}
      <h1 className="text-lg font-semibold">{title}</h1>
      {problem && (
        <div className="max-w-md">
          <Notice tone="danger">{problem}</Notice>
        </div>
      )}
      {children}
      <Link to="/" className="text-accent hover:underline">
        {t("Go to the rooms")}
      </Link>
    </Centered>
  );
}
