package main

// sale is the model of a flash sale; the count is what remains.
//
//	open    AMOUNT   → ok
//	claim   USER     → ok with the claim's id, or sold-out
//	release ID USER  → ok, or refused   a claim is refused before its unit is back, once its time is over
//	buy     ID USER  → ok
//	expire  ID USER                      the store ends a claim whose time is over
//	return  ID USER                      the store takes the unit of a refunded claim back
//	read             → read, with what remains
//
// A user has one live claim: a claim that is asked for again is the same one.
func sale(state State, in Input, out *Answer) (bool, State) {
	if in.Op == "claim" {
		return claimUnit(state, in, out)
	}
	claim := "claim " + in.User
	live := state.Get(claim)
	mine := live == in.ID || live == "?"
	sold := state.Get("sold "+in.ID) != ""
	switch in.Op {
	case "read":
		return out == nil || out.Amount == state.Count, state
	case "open":
		return out.May("ok"), state.Add(in.Amount)
	case "release":
		if out.Is("refused") || !mine || sold {
			return out.May("refused"), state
		}
		return true, ended(state, in)
	case "buy":
		if sold {
			return out.May("ok"), state
		}
		if !mine || state.Get("over "+in.ID) != "" {
			return out == nil, state
		}
		return out.May("ok"), state.With(claim, in.ID).With("sold "+in.ID, "yes")
	case "expire":
		if mine && !sold {
			return true, ended(state, in)
		}
		return sold || state.Get("over "+in.ID) != "", state
	case "return":
		if mine && sold {
			return true, ended(state, in)
		}
		return true, state
	}
	return false, state
}

func claimUnit(state State, in Input, out *Answer) (bool, State) {
	if out.Is("sold-out") && state.Count > 0 {
		return false, state
	}
	claim, id := "claim "+in.User, "?" // a claim of which the answer was lost
	if out.Is("ok") {
		id = out.ID
	}
	live := state.Get(claim)
	switch {
	case live == "?" && state.Get("over "+id) == "":
		return out.May("ok"), state.With(claim, id)
	case live != "":
		return out == nil || out.Is("ok") && id == live, state
	case state.Count == 0:
		return out.May("sold-out"), state
	}
	return out.May("ok") && state.Get("over "+id) == "", state.Add(-1).With(claim, id)
}

func ended(state State, in Input) State {
	return state.Add(1).With("claim "+in.User, "").With("over "+in.ID, "yes")
}
