// Checklog checks a log's files with Go's own note and tlog packages, which share no code with ours.
//
//	checklog record VKEY PROOF ENTRY          a c2sp.org/tlog-proof@v1 file proves the entry's bytes
//	checklog tree VKEY OLD NEW CONSISTENCY    the checkpoint NEW extends the checkpoint OLD
//	checklog cosignature VKEY CHECKPOINT      a witness cosigned the checkpoint (cosignature/v1)
//
// VKEY is the key itself, the rest are files. Exit 0: it holds. Exit 1: it does not, and why is on standard error.
//
// Run with GO111MODULE=off GOPATH=/usr/share/gocode (Debian: golang-go, golang-golang-x-mod-dev).
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	args := os.Args[1:]
	switch {
	case len(args) == 4 && args[0] == "record":
		checkRecord(args[1], read(args[2]), read(args[3]))
	case len(args) == 5 && args[0] == "tree":
		checkTree(args[1], read(args[2]), read(args[3]), read(args[4]))
	case len(args) == 3 && args[0] == "cosignature":
		checkCosignature(args[1], read(args[2]))
	default:
		fail(fmt.Errorf("usage: checklog record|tree|cosignature VKEY FILE..."))
	}
}

func checkRecord(vkey string, proof, entry []byte) {
	head, checkpoint, found := strings.Cut(string(proof), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail(fmt.Errorf("no tlog-proof"))
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	check(err)
	size, root := open(vkey, []byte(checkpoint))
	check(tlog.CheckRecord(hashes(lines[2:]), size, root, index, tlog.RecordHash(entry)))
}

func checkTree(vkey string, older, newer, consistency []byte) {
	lines := strings.Split(strings.TrimSuffix(string(consistency), "\n"), "\n")
	oldSize, oldRoot := open(vkey, older)
	newSize, newRoot := open(vkey, newer)
	if len(lines) < 3 || lines[0] != "proofline-consistency/1" ||
		lines[1] != fmt.Sprintf("start %d", oldSize) || lines[2] != fmt.Sprintf("end %d", newSize) {
		fail(fmt.Errorf("no consistency proof between these checkpoints"))
	}
	check(tlog.CheckTree(hashes(lines[3:]), newSize, newRoot, oldSize, oldRoot))
}

func checkCosignature(vkey string, checkpoint []byte) {
	parts := strings.SplitN(vkey, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err)
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	split := bytes.LastIndex(checkpoint, []byte("\n\n"))
	text := checkpoint[:split+1]
	for _, line := range strings.Split(string(checkpoint[split+2:]), "\n") {
		prefix := "\u2014 " + parts[0] + " "
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		blob, err := base64.StdEncoding.DecodeString(line[len(prefix):])
		check(err)
		if len(blob) != 76 || !bytes.Equal(blob[:4], id[:4]) {
			continue
		}
		message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(blob[4:]), text)
		if key[0] == 4 && ed25519.Verify(key[1:], []byte(message), blob[12:]) {
			return
		}
	}
	fail(fmt.Errorf("no valid cosignature"))
}

// open checks the log's signature and returns size and root.
func open(vkey string, checkpoint []byte) (int64, tlog.Hash) {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	opened, err := note.Open(checkpoint, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		fail(fmt.Errorf("no checkpoint of %s", verifier.Name()))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return size, root
}

func hashes(lines []string) []tlog.Hash {
	var list []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		check(err)
		list = append(list, hash)
	}
	return list
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "checklog:", err)
	os.Exit(1)
}
