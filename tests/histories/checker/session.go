package main

// session is the model of one sign-in: its refresh tokens, each of which is used once, and its access tokens.
//
//	login       → ok with the refresh token
//	refresh ID  → ok with the next token, or refused     ID is the token that is used
//	logout      → ok
//	cut                             the store has told all processes that the session has ended
//	read        → ok, or refused                         any operation with an access token
//
// A token that is used twice ends the session.
func session(state State, in Input, out *Answer) (bool, State) {
	over := state.Get("over") != ""
	switch in.Op {
	case "login":
		return out.Is("ok"), state.With("token", out.ID)
	case "refresh":
		if over {
			return out.May("refused"), state
		}
		if state.Get("token") != in.ID {
			return out.May("refused"), state.With("over", "yes")
		}
		next := "lost" // with the answer
		if out != nil {
			next = out.ID
		}
		return out.May("ok"), state.With("token", next)
	case "logout":
		return out.May("ok"), state.With("over", "yes")
	case "cut":
		return over, state.With("cut", "yes")
	case "read":
		return out == nil || out.Is("refused") == (state.Get("cut") != ""), state
	}
	return false, state
}
