// Sample operations. A click copies one into the editor without running it.
export const SAMPLES = [
  {
    title: "Search the catalogue",
    about: "Full text, filter and sort order",
    variables: { search: "dragon", first: 5 },
    query: `query Search($search: String, $first: Int) {
  products(search: $search, filter: { onSale: true }, sort: RELEVANCE, first: $first) {
    totalCount
    edges {
      node {
        id
        title
        state
        genres { name }
        price { usd regularPoints discountPercent points }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
  },
  {
    title: "Who am I",
    about: "Signed in: one query to several subgraphs",
    variables: {},
    query: `query Me {
  me {
    name
    roles
    wallet { balance }
    library { totalCount edges { node { played product { title } } } }
    orders(first: 3) { edges { node { id state totalPoints } } }
  }
}`,
  },
  {
    title: "Wish for a game",
    about: "Signed in",
    variables: { productId: "10" },
    query: `mutation Wish($productId: ID!) {
  addToWishlist(productId: $productId) {
    ... on WishlistItem { addedAt product { id title } }
    ... on AlreadyOwned { message }
  }
}`,
  },
  {
    title: "Buy points",
    about: "Signed in: the sandbox grants them immediately",
    variables: { amount: 50000, idempotencyKey: "points-1" },
    query: `mutation Points($amount: Int!, $idempotencyKey: String!) {
  topUp(amount: $amount, idempotencyKey: $idempotencyKey) {
    balance
    entries(first: 3) { edges { node { kind amount balanceAfter } } }
  }
}`,
  },
  {
    title: "Buy now",
    about: "Signed in: order, hold and payment in one step",
    variables: { input: { idempotencyKey: "buy-1", productIds: ["10"] } },
    query: `mutation Buy($input: CheckoutInput!) {
  checkout(input: $input) {
    ... on Payment { id state amount order { id lines { points product { title } } } }
    ... on InsufficientPoints { message required balance }
    ... on OutOfStock { message items { requested available product { title } } }
    ... on AlreadyOwned { message products { title } }
    ... on PriceChanged { message expected actual }
  }
}`,
  },
  {
    title: "Flash sales",
    about: "What is open now",
    variables: {},
    query: `query Sales {
  flashSales(state: OPEN, first: 5) {
    edges { node { id points units remaining endsAt product { title price { points } } } }
  }
}`,
  },
  {
    title: "Create an account",
    about: "Then sign in above",
    variables: { input: { email: "ada@example.org", password: "correct horse battery", name: "Ada" } },
    query: `mutation Register($input: RegisterInput!) {
  register(input: $input) {
    ... on Session { expiresAt user { id name } }
    ... on EmailTaken { message }
  }
}`,
  },
];
