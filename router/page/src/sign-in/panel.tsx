import { Button } from "@graphiql/react";
import { useState, type FormEvent } from "react";
import type { Config } from "../config";
import { accessToken, signIn, signOut, useSession, type Session } from "../session";

/** The plugin's panel: the store's ready accounts and a form, or who is signed in and the header that is sent. */
export function SignInPanel({ config: { endpoint, accounts } }: { config: Config }) {
  const { session } = useSession();
  const [problem, setProblem] = useState("");
  const attempt = (action: Promise<void>) =>
    action.then(() => setProblem("")).catch((error) => setProblem(error.message));
  return (
    <section className="panel" aria-label="Sign in">
      <h2>Sign in</h2>
      {problem && <p role="alert">{problem}</p>}
      {session ? (
        <SignedIn session={session} endpoint={endpoint} leave={() => attempt(signOut(endpoint))} />
      ) : (
        <>
          <ul className="choices">
            {accounts.map(({ email, password, name, role, points }) => (
              <li key={email}>
                <button type="button" onClick={() => attempt(signIn(endpoint, email, password))}>
                  <strong>{name}</strong>
                  <small>
                    {role.toLowerCase()}
                    {points > 0 && `, ${points.toLocaleString("en")} points at first`}
                  </small>
                </button>
              </li>
            ))}
          </ul>
          <Form enter={(email, password) => attempt(signIn(endpoint, email, password))} />
        </>
      )}
    </section>
  );
}

function SignedIn({ session, endpoint, leave }: { session: Session; endpoint: string; leave(): void }) {
  const copy = async () => navigator.clipboard.writeText(`Bearer ${await accessToken(endpoint)}`);
  return (
    <>
      <p role="status">Signed in as {session.name}</p>
      <h3>Header of each request</h3>
      <pre tabIndex={0} data-token={session.accessToken}>
        Authorization: Bearer {session.accessToken}
      </pre>
      <p>
        The token ends at {new Date(session.expiresAt).toLocaleTimeString("en-GB")}. It is renewed before that, by the
        next operation.
      </p>
      <p className="buttons">
        <Button type="button" onClick={copy}>
          Copy the header’s value
        </Button>
        <Button type="button" onClick={leave}>
          Sign out
        </Button>
      </p>
    </>
  );
}

function Form({ enter }: { enter(email: string, password: string): void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    enter(String(given.get("email")), String(given.get("password")));
  };
  return (
    <form onSubmit={submit}>
      <h3>Another account</h3>
      <label>
        E-mail
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <Button type="submit">Sign in</Button>
    </form>
  );
}
