package main

// order is the model of an order's state.
//
//	place          → ok
//	start  ID      → ok                 ID is the payment
//	pay    ID      → ok, or refused
//	buy    ID      → ok                 a checkout: placed and paid
//	cancel-payment ID → ok, or refused
//	expire ID                           the store ends a payment whose time is over
//	cancel         → ok, or refused
//	read           → READY, ORDERED, PAID or CANCELLED
//
// Its user reads it as it is, whatever is still on its way between subgraphs.
func order(state State, in Input, out *Answer) (bool, State) {
	now, by := state.Get("state"), state.Get("payment")
	current := now == "ORDERED" && by == in.ID
	switch in.Op {
	case "read":
		return out == nil || out.Result == now, state
	case "place":
		if now != "" {
			return out.May("ok"), state // the same key again
		}
		return out.May("ok"), state.With("state", "READY")
	case "start":
		if now == "READY" && state.Get("ended "+in.ID) == "" {
			return out.May("ok"), state.With("state", "ORDERED").With("payment", in.ID)
		}
		return out == nil || out.Is("ok") && by == in.ID, state
	case "buy":
		if now == "" {
			return out.May("ok"), state.With("state", "PAID").With("payment", in.ID)
		}
		return out == nil || out.Is("ok") && now == "PAID" && by == in.ID, state
	case "pay":
		if current {
			return out.May("ok"), state.With("state", "PAID")
		}
		return out == nil || out.Is("ok") == (now == "PAID" && by == in.ID), state
	case "cancel-payment":
		if current {
			return out.May("ok"), state.With("state", "READY").With("ended "+in.ID, "cancelled")
		}
		return out == nil || out.Is("ok") == (state.Get("ended "+in.ID) == "cancelled"), state
	case "expire":
		if current {
			return true, state.With("state", "READY").With("ended "+in.ID, "expired")
		}
		return true, state
	case "cancel":
		if now == "READY" {
			return out.May("ok"), state.With("state", "CANCELLED")
		}
		return out == nil || out.Is("ok") == (now == "CANCELLED"), state
	}
	return false, state
}
