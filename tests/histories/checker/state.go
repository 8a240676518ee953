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
	facts *fact
	hash  uint64 // of all facts, in any order
}

// fact is a node of a search tree. A tree shares what it has in common with the tree that it was made from.
type fact struct {
	key         uint64 // the name's hash, which keeps the tree in balance
	name, value string
	less, more  *fact
}

// Get returns a fact; "" if there is none.
func (s State) Get(name string) string {
	key := hashOf(name)
	for one := s.facts; one != nil; {
		if one.name == name {
			return one.value
		}
		if key < one.key {
			one = one.less
		} else {
			one = one.more
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
	hash := s.hash ^ hashOf(name+"\x00"+known) ^ hashOf(name+"\x00"+value)
	return State{s.Count, s.facts.with(hashOf(name), name, value), hash}
}

// Add returns the state with another number.
func (s State) Add(amount int) State { return State{s.Count + amount, s.facts, s.hash} }

func (one *fact) with(key uint64, name, value string) *fact {
	if one == nil {
		return &fact{key, name, value, nil, nil}
	}
	changed := *one
	switch {
	case one.name == name:
		changed.value = value
	case key < one.key:
		changed.less = one.less.with(key, name, value)
	default:
		changed.more = one.more.with(key, name, value)
	}
	return &changed
}

func hashOf(text string) uint64 {
	if strings.HasSuffix(text, "\x00") {
		return 0 // what has no value is no fact
	}
	sum := fnv.New64a()
	sum.Write([]byte(text))
	hash := sum.Sum64() // mixed, since hashes of similar texts are similar
	hash = (hash ^ hash>>33) * 0xff51afd7ed558ccd
	hash = (hash ^ hash>>33) * 0xc4ceb9fe1a85ec53
	return hash ^ hash>>33
}

func (s State) String() string {
	texts := s.facts.texts(nil)
	sort.Strings(texts)
	return strings.Join(append([]string{strconv.Itoa(s.Count)}, texts...), ", ")
}

func (one *fact) texts(found []string) []string {
	if one == nil {
		return found
	}
	if one.value != "" {
		kind, id, _ := strings.Cut(one.name, " ")
		found = append(found, strings.TrimSpace(kind+" "+short(id))+": "+short(one.value))
	}
	return one.more.texts(one.less.texts(found))
}
