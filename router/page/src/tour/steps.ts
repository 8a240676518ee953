/** The answers so far: `data` by the operation's name. */
export type Answers = Record<string, any>;

export interface Step {
  /** The name of the operation, and of its file in operations/. */
  operation: string;
  title: string;
  about: string;
  /** The operation's variables, with ids from earlier answers. Undefined while these are missing. */
  variables?(answers: Answers, walk: string): Record<string, unknown> | undefined;
}

/** The story's operations in order. */
export const STEPS: Step[] = [
  {
    operation: "SearchGames",
    title: "Search the catalogue",
    about: "Full text, filters and a stable order. The price comes from product, the state from stock.",
  },
  {
    operation: "WishForIt",
    title: "Wish for a game",
    about: "The first game of the search that you do not own yet.",
    variables: (answers) => withId("productId", games(answers)[0]?.id),
  },
  {
    operation: "OrderIt",
    title: "Order it",
    about: "At today’s price, which the order keeps.",
    variables: ({ WishForIt, ...answers }, walk) =>
      WishForIt && { input: { productIds: [games(answers)[0]?.id], idempotencyKey: `order ${walk}` } },
  },
  {
    operation: "StartPayment",
    title: "Start the payment",
    about: "Fixes the amount, and holds a unit if they are limited.",
    variables: ({ OrderIt }, walk) => withId("orderId", OrderIt?.placeOrder.id, { idempotencyKey: `start ${walk}` }),
  },
  {
    operation: "Pay",
    title: "Pay",
    about: "Wallet, ledger and payment change in one transaction; the event waits in the outbox.",
    variables: ({ StartPayment }) => withId("paymentId", StartPayment?.startPayment.id),
  },
  {
    operation: "EverythingAboutMe",
    title: "Read everything about me",
    about: "Six subgraphs in one operation. Look at its plan.",
  },
  {
    operation: "PlayIt",
    title: "Play it",
    about: "What was played cannot be refunded.",
    variables: ({ Pay, ...answers }) => Pay && withId("productId", games(answers)[0]?.id),
  },
  {
    operation: "TheLibraryLater",
    title: "Ask for a part later",
    about: "With @defer the wallet comes at once, the games follow. Needs Apollo Router.",
  },
  {
    operation: "BuyNow",
    title: "Buy another at once",
    about: "A saga of three steps: order, hold, payment. All or nothing.",
    variables: (answers, walk) => {
      const game = games(answers)[1];
      return (
        game && { input: { productIds: [game.id], idempotencyKey: `buy ${walk}`, expectedTotal: game.price.points } }
      );
    },
  },
  {
    operation: "RefundIt",
    title: "Refund it",
    about: "The game goes back at once, the points come a day later.",
    variables: ({ BuyNow }, walk) => withId("paymentId", BuyNow?.checkout.id, { idempotencyKey: `refund ${walk}` }),
  },
  {
    operation: "FlashSales",
    title: "Look for flash sales",
    about: "Few units, for a short time.",
  },
  {
    operation: "ClaimAUnit",
    title: "Claim a unit",
    about: "It is yours for five minutes. Ten thousand others may try at the same moment.",
    variables: ({ FlashSales }) => withId("saleId", FlashSales?.flashSales.edges[0]?.node.id),
  },
  {
    operation: "BuyTheClaimedUnit",
    title: "Buy the claimed unit",
    about: "At the sale’s price.",
    variables: ({ ClaimAUnit }, walk) => {
      const claim = ClaimAUnit?.claim;
      const key = `claimed ${walk}`;
      return claim?.id && { input: { productIds: [claim.sale.product.id], claimIds: [claim.id], idempotencyKey: key } };
    },
  },
];

/** The games of the search that cost something and are not owned. */
function games({ SearchGames }: Answers): { id: string; price: { points: number } }[] {
  const found: any[] = SearchGames?.products.edges.map((edge: any) => edge.node) ?? [];
  return found.filter((game) => game.price.points > 0 && !game.owned);
}

function withId(name: string, id: string | undefined, others: Record<string, unknown> = {}) {
  return id === undefined ? undefined : { [name]: id, ...others };
}
