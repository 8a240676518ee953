package main

// ownership is the model of one user's one game.
//
//	buy    ID  → ok, or owned          ID is the payment
//	revoke ID  → ok                    a refund's first step: the game is not in the library any more
//	free   ID  → ok                    its second: the game can be bought again
//	keep   ID  → played                a refund that is refused, because the game was played
//	play       → ok, or not-owned
//	wish       → ok, or owned
//	read       → owned or not-owned
//
// Its user reads it as it is, whatever is still on its way between subgraphs.
func ownership(state State, in Input, out *Answer) (bool, State) {
	owner, entitled := state.Get("owned by"), state.Get("paid by")
	played := state.Get("played") == owner && owner != ""
	switch in.Op {
	case "read", "wish":
		return out == nil || out.Is("owned") == (owner != ""), state
	case "play":
		if owner == "" {
			return out.May("not-owned"), state
		}
		return out.May("ok"), state.With("played", owner)
	case "buy":
		if state.Get("done "+in.ID) != "" {
			return out.May("ok"), state
		}
		if entitled != "" || owner != "" {
			return out.May("owned"), state
		}
		return out.May("ok"), state.With("owned by", in.ID).With("paid by", in.ID).With("done "+in.ID, "yes")
	case "revoke":
		if owner == in.ID && !played {
			return out.May("ok"), state.With("owned by", "").With("back "+in.ID, "yes")
		}
		return out == nil || state.Get("back "+in.ID) != "", state
	case "free":
		if entitled == in.ID && owner != in.ID {
			return out.May("ok"), state.With("paid by", "")
		}
		return out == nil || state.Get("back "+in.ID) != "" && entitled != in.ID, state
	case "keep":
		return out == nil || played || owner != in.ID, state
	}
	return false, state
}
