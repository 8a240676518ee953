import { create } from "zustand";
import { persist } from "zustand/middleware";
import { post } from "./post";

/** The signed-in account and its tokens. Times are in milliseconds, as in `Date.now()`. */
export interface Session {
  name: string;
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
  refreshAt: number;
}

interface State {
  session: Session | null;
}

interface SessionAnswer {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
  user: { name: string };
}

const STORAGE = "steampunk:session";
const SESSION = "... on Session { accessToken refreshToken expiresAt user { name } }";
const LOGIN = `mutation Login($email: String!, $password: String!) {
  login(email: $email, password: $password) { ${SESSION} ... on InvalidCredentials { message } }
}`;
const REFRESH = `mutation Refresh($token: String!) { refresh(refreshToken: $token) { ${SESSION} } }`;
const LOGOUT = "mutation Logout { logout }";
/** The share of its life after which an access token is renewed. */
const RENEW_AFTER = 0.8;

/** Kept in the browser's storage, for all of its tabs. */
export const useSession = create(persist<State>(() => ({ session: null }), { name: STORAGE }));

window.addEventListener("storage", ({ key }) => {
  if (key === STORAGE) void useSession.persist.rehydrate();
});

export async function signIn(endpoint: string, email: string, password: string): Promise<void> {
  const { login } = await post(endpoint, LOGIN, { email, password });
  if (!login.accessToken) throw new Error(login.message);
  keep(login);
}

export async function signOut(endpoint: string): Promise<void> {
  const token = await accessToken(endpoint);
  useSession.setState({ session: null });
  if (token) await post(endpoint, LOGOUT, {}, { authorization: `Bearer ${token}` });
}

/** The access token, renewed if it ends soon; null if nobody is signed in. */
export async function accessToken(endpoint: string): Promise<string | null> {
  const current = useSession.getState().session;
  if (!current || Date.now() < current.refreshAt) return current?.accessToken ?? null;
  // A refresh token works once, so that only one tab of the browser may use it.
  return navigator.locks.request(STORAGE, () => refreshed(endpoint));
}

async function refreshed(endpoint: string): Promise<string | null> {
  await useSession.persist.rehydrate();
  const { session } = useSession.getState();
  if (!session || Date.now() < session.refreshAt) return session?.accessToken ?? null;
  try {
    const { refresh } = await post(endpoint, REFRESH, { token: session.refreshToken });
    return keep(refresh);
  } catch (error) {
    useSession.setState({ session: null });
    throw new Error(`You were signed out: ${(error as Error).message}`);
  }
}

function keep({ accessToken, refreshToken, expiresAt, user }: SessionAnswer): string {
  const now = Date.now();
  const end = Date.parse(expiresAt);
  const refreshAt = now + RENEW_AFTER * (end - now);
  useSession.setState({ session: { name: user.name, accessToken, refreshToken, expiresAt: end, refreshAt } });
  return accessToken;
}
