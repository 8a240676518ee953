package main

import "strconv"

// units is the model of a product's limited quantity; the count is what remains.
//
//	limit   AMOUNT   → ok, or taken
//	hold    ID USER  → ok, or short      ID is the payment that takes a unit
//	sell    ID       → ok
//	leave   ID USER  → ok                the user cancels the payment, or has it refunded
//	release ID                           the store gives the unit back: after leave, or because time is over
//	read             → read, with what remains
//
// The unit that a user has left is there for this user at once, even if it is not released for others yet.
func units(state State, in Input, out *Answer) (bool, State) {
	hold := "hold " + in.ID
	switch in.Op {
	case "read":
		return out == nil || out.Amount == state.Count, state
	case "limit":
		total, _ := strconv.Atoi(state.Get("total"))
		taken := total - state.Count
		if in.Amount < taken {
			return out.May("taken"), state
		}
		return out.May("ok"), state.Add(in.Amount-total).With("total", strconv.Itoa(in.Amount))
	case "hold":
		return holdUnit(state, in, out)
	case "sell":
		if state.Get(hold) == "held" {
			return out.May("ok"), state.With(hold, "sold")
		}
		return out == nil || state.Get(hold) == "sold", state
	case "leave":
		if taken := state.Get(hold); taken == "held" || taken == "sold" {
			return out.May("ok"), state.With(hold, "left by "+in.User).With("own "+in.User, in.ID)
		}
		return out.May("ok"), state
	case "release":
		return true, released(state, hold)
	}
	return false, state
}

func holdUnit(state State, in Input, out *Answer) (bool, State) {
	hold := "hold " + in.ID
	if known := state.Get(hold); known == "back" {
		return out.May("short"), state
	} else if known != "" {
		return out.May("ok"), state // the same payment again
	}
	if own := "hold " + state.Get("own "+in.User); state.Count == 0 && state.Get(own) == "left by "+in.User {
		state = released(state, own)
	}
	if state.Count == 0 {
		return out.May("short"), state
	}
	return out.May("ok"), state.Add(-1).With(hold, "held")
}

func released(state State, hold string) State {
	switch state.Get(hold) {
	case "sold", "back":
		return state
	case "":
		return state.With(hold, "back") // a hold that comes later is refused
	}
	return state.Add(1).With(hold, "back")
}
