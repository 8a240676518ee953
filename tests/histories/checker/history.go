package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"

	"github.com/anishathalye/porcupine"
)

// Operation is a line of a history: what was asked of one object, and what was answered.
type Operation struct {
	Model  string  `json:"model"`
	Key    string  `json:"key"`    // the object: a user, a product, a sale, an order, a session
	Call   int64   `json:"call"`   // nanoseconds
	Return *int64  `json:"return"` // null: open to the end
	In     Input   `json:"in"`
	Out    *Answer `json:"out"` // null: unknown
}

// Input is what was asked. Which fields an operation has is said by its model.
type Input struct {
	Op     string `json:"op"`
	ID     string `json:"id,omitempty"`
	User   string `json:"user,omitempty"`
	Amount int    `json:"amount,omitempty"`
}

// Answer is what was answered.
type Answer struct {
	Result string `json:"result"`
	ID     string `json:"id,omitempty"`
	Amount int    `json:"amount,omitempty"`
}

// Is tells whether the answer is known and this one.
func (a *Answer) Is(result string) bool { return a != nil && a.Result == result }

// May tells whether the answer is this one, or unknown.
func (a *Answer) May(result string) bool { return a == nil || a.Result == result }

// object names what is checked by itself: a history is linearizable if that of every object is.
type object struct{ model, key string }

// read returns the operations of each object, and the objects in order of appearance.
func read(lines io.Reader) (map[object][]Operation, []object, error) {
	histories, order := map[object][]Operation{}, []object{}
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var one Operation
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", scanner.Text(), err)
		}
		of := object{one.Model, one.Key}
		if _, known := histories[of]; !known {
			order = append(order, of)
		}
		histories[of] = append(histories[of], one)
	}
	return histories, order, scanner.Err()
}

// operations gives porcupine its form. What is open ends when everything else has ended. What overlaps is drawn in
// lanes.
func operations(history []Operation) []porcupine.Operation {
	end := int64(0)
	for _, one := range history {
		end = max(end, one.Call+1)
		if one.Return != nil {
			end = max(end, *one.Return+1)
		}
	}
	sort.SliceStable(history, func(i, j int) bool { return history[i].Call < history[j].Call })
	result, lanes := make([]porcupine.Operation, len(history)), []int64{}
	for number, one := range history {
		until := end
		if one.Return != nil {
			until = *one.Return
		}
		lane := slices.IndexFunc(lanes, func(busyUntil int64) bool { return busyUntil < one.Call })
		if lane < 0 {
			lane, lanes = len(lanes), append(lanes, 0)
		}
		lanes[lane] = until
		result[number] = porcupine.Operation{
			ClientId: lane, Input: one.In, Call: one.Call, Output: one.Out, Return: until,
		}
	}
	return result
}

func (in Input) String() string {
	text := in.Op
	for _, part := range []string{short(in.ID), short(in.User), number(in.Amount)} {
		if part != "" {
			text += " " + part
		}
	}
	return text
}

func (a *Answer) String() string {
	if a == nil {
		return "?"
	}
	text := a.Result
	if a.ID != "" {
		text += " " + short(a.ID)
	}
	if a.Amount != 0 || a.Result == "read" {
		text += " " + strconv.Itoa(a.Amount)
	}
	return text
}

func number(value int) string {
	if value == 0 {
		return ""
	}
	return strconv.Itoa(value)
}

// short is enough of an id to tell it from others: ids begin with the time.
func short(id string) string {
	if len(id) > 12 {
		return "…" + id[len(id)-6:]
	}
	return id
}
