package main

// wallet is the model of a user's points; the count is the balance.
//
//	top-up ID AMOUNT → ok
//	pay    ID AMOUNT → ok, or poor with the balance as it was told
//	credit ID AMOUNT → ok     the settlement of a refund, which the store itself does
//	read             → read, with the balance
//
// What has an id happens once, however often it is asked for.
func wallet(state State, in Input, out *Answer) (bool, State) {
	done := state.Get("done "+in.ID) != ""
	switch in.Op {
	case "read":
		return out == nil || out.Amount == state.Count, state
	case "top-up", "credit":
		if done {
			return out.May("ok"), state
		}
		return out.May("ok"), state.Add(in.Amount).With("done "+in.ID, "yes")
	case "pay":
		if done {
			return out.May("ok"), state
		}
		if state.Count < in.Amount {
			return out == nil || out.Is("poor") && out.Amount == state.Count, state
		}
		return out.May("ok"), state.Add(-in.Amount).With("done "+in.ID, "yes")
	}
	return false, state
}
