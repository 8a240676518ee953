export interface Account {
  email: string;
  password: string;
  name: string;
  role: string;
  points: number;
}

/** What the playground's server tells its page. */
export interface Config {
  endpoint: string;
  /** Where the live numbers of flash sales are; empty where they are not served. */
  live: string;
  accounts: Account[];
}

export async function loadConfig(): Promise<Config> {
  return (await fetch("config.json")).json();
}
