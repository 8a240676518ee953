import type { TypedDocumentString } from "./generated/store.js";

/** Sends operations to a store, as a user once there is a token. */
export class Store {
  constructor(
    private readonly url: string,
    private readonly token?: string,
  ) {}

  /** The data of an operation, in its own type. Throws the answer's first error. */
  async send<Data, Variables>(operation: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const body = JSON.stringify({ query: operation.toString(), variables });
    const response = await fetch(this.url, { method: "POST", headers, body });
    const answer = (await response.json()) as { data: Data; errors?: [{ message: string }] };
    if (answer.errors) throw new Error(answer.errors[0].message);
    return answer.data;
  }
}
