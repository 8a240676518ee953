// Checks histories: reads operations, a JSON object a line, and tells of each object whether its history is
// linearizable. For one that is not, it draws a picture.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/anishathalye/porcupine"
)

// Step tells whether an object in this state can give this answer, and its state afterwards.
type Step func(state State, in Input, out *Answer) (bool, State)

var models = map[string]Step{
	"wallet":    wallet,
	"units":     units,
	"sale":      sale,
	"order":     order,
	"ownership": ownership,
	"session":   session,
}

// Verdict is a line of the output. Result is Ok, Illegal, or Unknown if the time was not enough.
type Verdict struct {
	Model      string `json:"model"`
	Key        string `json:"key"`
	Operations int    `json:"operations"`
	Result     string `json:"result"`
	Picture    string `json:"picture,omitempty"`
}

func main() {
	pictures := flag.String("pictures", ".", "the folder for pictures of violations")
	patience := flag.Duration("patience", time.Minute, "the time for one object")
	flag.Parse()
	histories, order, err := read(os.Stdin)
	for _, of := range order {
		if err == nil {
			err = report(of, histories[of], *pictures, *patience)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func report(of object, history []Operation, pictures string, patience time.Duration) error {
	step, known := models[of.model]
	if !known {
		return fmt.Errorf("there is no model %q", of.model)
	}
	model := modelOf(step)
	result, info := porcupine.CheckOperationsVerbose(model, operations(history), patience)
	verdict := Verdict{of.model, of.key, len(history), string(result), ""}
	if result == porcupine.Illegal {
		verdict.Picture = filepath.Join(pictures, fmt.Sprintf("%s-%s.html", of.model, filepath.Base(of.key)))
		if err := porcupine.VisualizePath(model, info, verdict.Picture); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(verdict)
}

func modelOf(step Step) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return State{} },
		Step: func(state, input, output any) (bool, any) {
			return step(state.(State), input.(Input), output.(*Answer))
		},
		Equal: func(one, other any) bool {
			a, b := one.(State), other.(State)
			return a.Count == b.Count && a.hash == b.hash
		},
		Hash: func(state any) uint64 { return state.(State).hash ^ uint64(state.(State).Count) },
		DescribeOperation: func(input, output any) string {
			return fmt.Sprintf("%v → %v", input.(Input), output.(*Answer))
		},
		DescribeState: func(state any) string { return state.(State).String() },
	}
}
