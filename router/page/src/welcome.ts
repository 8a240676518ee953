export const WELCOME = `# Ctrl-Enter runs the operation, Ctrl-Space completes.
# The icons on the left: docs, history, a tour of the store, sign in, the query plan, live numbers.

query Games {
  products(sort: MOST_REVIEWED, first: 5) {
    totalCount
    edges {
      node {
        id
        title
        price { points }
        stock { remaining }
      }
    }
  }
}
`;
