import { type FormEvent, useState } from "react";
import { t } from "../../shared/i18n";
import { Button } from "../../ui/button";
import { Field } from "../../ui/field";
import { Notice } from "../../ui/notice";
import { readCommonPasswords } from "./common";
import { PASSWORD_SCORE_MIN, strengthOf } from "./strength";
import { StrengthMeter } from "./strength-meter";

export interface AccountForm {
  username: string;
  password: string;
}

interface Props {
  initial: AccountForm;
  problem: string | undefined;
  onSubmit: (form: AccountForm) => void;
}

export function AccountStep({ initial, problem, onSubmit }: Props) {
  const [username, setUsername] = useState(initial.username);
  const [password, setPassword] = useState(initial.password);
  const [repeat, setRepeat] = useState(initial.password);
  const [submitted, setSubmitted] = useState(false);
  const strength = strengthOf(password, username);
  const weak = strength.score < PASSWORD_SCORE_MIN;
  const differs = repeat !== password;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await readCommonPasswords();
    setSubmitted(true);
    const isWeak = strengthOf(password, username).score < PASSWORD_SCORE_MIN;
    if (!isWeak && !differs) onSubmit({ username, password });
  };

  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      {problem && <Notice tone="danger">{problem}</Notice>}
      <Field
        label={t("User name")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        minLength={2}
        maxLength={64}
        autoFocus
        value={username}
        onChange={(event) => setUsername(event.target.value)}
        hint={t("Others see it next to your messages.")}
      />
      <Field
        label={t("Password")}
        name="new-password"
        type="password"
        autoComplete="new-password"
        required
        value={password}
        onFocus={() => void readCommonPasswords()}
        onChange={(event) => setPassword(event.target.value)}
        hint={password && <StrengthMeter strength={strength} />}
        error={submitted && weak ? t("This password is too easy to guess.") : undefined}
      />
      <Field
        label={t("Repeat password")}
        name="repeat-password"
        type="password"
        autoComplete="new-password"
        required
        value={repeat}
        onChange={(event) => setRepeat(event.target.value)}
        error={submitted && differs ? t("The two passwords differ.") : undefined}
      />
      <Button type="submit" variant="primary">
        {t("Continue")}
      </Button>
    </form>
  );
}
