// A customer's story: story.js URL EMAIL TITLE SALE. Prints what it saw, as JSON.
import * as gql from "./generated/store.js";
import { Store } from "./send.js";

const password = "a long password";
const [url = "", email = "", title = "", saleId = ""] = process.argv.slice(2);

/** The member of a result union that is expected here. Throws if it is another one. */
function expected<Result extends { __typename: string }, Name extends Result["__typename"]>(
  result: Result,
  name: Name,
): Extract<Result, { __typename: Name }> {
  if (result.__typename !== name) throw new Error(`${result.__typename} instead of ${name}`);
  return result as Extract<Result, { __typename: Name }>;
}

async function signIn(): Promise<Store> {
  const nobody = new Store(url);
  await nobody.send(gql.RegisterDocument, { input: { email, password, name: "Ada" } });
  const { login } = await nobody.send(gql.LoginDocument, { email, password });
  // @ts-expect-error: there is a token only if it is a Session
  void login.accessToken;
  return new Store(url, expected(login, "Session").accessToken);
}

/** Buys the game that is found: by wishlist, order and payment. */
async function buy(store: Store): Promise<gql.GameFragment> {
  const { products } = await store.send(gql.SearchDocument, { text: title });
  const game = products.edges[0]?.node;
  if (!game) throw new Error(`no ${title}`);
  expected((await store.send(gql.WishDocument, { productId: game.id })).addToWishlist, "WishlistItem");
  const input = { productIds: [game.id], idempotencyKey: "order" };
  const order = expected((await store.send(gql.PlaceOrderDocument, { input })).placeOrder, "Order");
  const started = await store.send(gql.StartPaymentDocument, { orderId: order.id, key: "start" });
  const paymentId = expected(started.startPayment, "Payment").id;
  expected((await store.send(gql.PayDocument, { paymentId })).pay, "Payment");
  return game;
}

/** Claims a unit of the flash sale, buys it in one step, and gives it back. */
async function claimAndRefund(store: Store): Promise<gql.RefundState> {
  const claim = expected((await store.send(gql.ClaimDocument, { saleId })).claim, "Claim");
  const { product, points } = claim.sale;
  const input = { productIds: [product.id], claimIds: [claim.id], expectedTotal: points, idempotencyKey: "buy" };
  const payment = expected((await store.send(gql.CheckoutDocument, { input })).checkout, "Payment");
  const { refund } = await store.send(gql.RefundDocument, { paymentId: payment.id, key: "refund" });
  return expected(refund, "Refund").state;
}

const store = await signIn();
const { topUp } = await store.send(gql.TopUpDocument, { amount: 1_000_000, key: "top-up" });
const game = await buy(store);
expected((await store.send(gql.PlayDocument, { productId: game.id })).play, "Play");
const refund: "IN_PROGRESS" | "COMPLETED" = await claimAndRefund(store);
const { me } = await store.send(gql.LibraryDocument, {});
const library = me.library.edges.map(({ node }) => ({ id: node.product.id, played: node.played }));
console.log(JSON.stringify({ points: topUp.balance, game: game.title, price: game.price.points, refund, library }));
