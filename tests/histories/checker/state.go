package main

import (
	"hash/fnv"
	"sort"
	"strconv"
	"strings"
)

// State is the state of one object: a number, such as a balance, and facts. It never changes: steps make new ones.
type State struct {
	Count int
	facts *facts
}

// facts is a map that shares what it has in common with the map that it was made from.
type facts struct {
	before      *facts
	name, value string
	hash        uint64 // of all facts, in any order
}

// Get returns a fact; "" if there is none.
func (s State) Get(name string) string {
	for one := s.facts; one != nil; one = one.before {
		if one.name == name {
			return one.value
		}
	}
	return ""
}

// With returns the state in which a fact has another value.
func (s State) With(name, value string) State {
	known := s.Get(name)
	if known == value {
		return s
	}
	hash := s.hash() ^ hashOf(name, known) ^ hashOf(name, value)
	return State{s.Count, &facts{s.facts, name, value, hash}}
}

// Add returns the state with another number.
func (s State) Add(amount int) State { return State{s.Count + amount, s.facts} }

func (s State) hash() uint64 {
	if s.facts == nil {
		return 0
	}
	return s.facts.hash
}

func hashOf(name, value string) uint64 {
	if value == "" {
		return 0
	}
	sum := fnv.New64a()
	sum.Write([]byte(name + "\x00" + value))
	hash := sum.Sum64() // mixed, so that sums of similar facts differ
	hash = (hash ^ hash>>33) * 0xff51afd7ed558ccd
	hash = (hash ^ hash>>33) * 0xc4ceb9fe1a85ec53
	return hash ^ hash>>33
}

func (s State) String() string {
	known := map[string]string{}
	for one := s.facts; one != nil; one = one.before {
		if _, newer := known[one.name]; !newer {
			known[one.name] = one.value
		}
	}
	texts := []string{}
	for name, value := range known {
		if value != "" {
			kind, id, _ := strings.Cut(name, " ")
			texts = append(texts, strings.TrimSpace(kind+" "+short(id))+": "+short(value))
		}
	}
	sort.Strings(texts)
	return strings.Join(append([]string{strconv.Itoa(s.Count)}, texts...), ", ")
}
