// Broad work in Go: encoding, sorting, text, maps, interfaces, channels, and the collector's.
package main

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

type point struct {
	X, Y float64
	Name string
	Tags []string `json:"tags,omitempty"`
}

type shape interface{ area() float64 }

type circle struct{ r float64 }
type box struct{ w, h float64 }

func square(x float64) float64  { return x * x }
func (c circle) area() float64  { return 3.14159 * square(c.r) }
func (b box) area() float64     { return b.w * b.h }
func (p point) length() float64 { return square(p.X) + square(p.Y) }
func less(a, b point) bool      { return a.length() < b.length() }
func key(i int) string          { return "key" + strconv.Itoa(i*7919%251) }
func collatz(n int) (steps int) {
	for ; n != 1; steps++ {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
	}
	return steps
}

var line = regexp.MustCompile(`(\w+)=([0-9.]+)(ms|s)`)

func encode(points []point) int {
	text, err := json.Marshal(points)
	if err != nil {
		panic(err)
	}
	var back []point
	if err := json.Unmarshal(text, &back); err != nil {
		panic(err)
	}
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, 6)
	w.Write(text)
	w.Close()
	sum := sha256.Sum256(packed.Bytes())
	plain, _ := io.ReadAll(flate.NewReader(&packed))
	return len(plain) + len(back) + int(sum[0])
}

func count(n int) int {
	counts := map[string]int{}
	var text strings.Builder
	for i := 0; i < n; i++ {
		counts[key(i)] += collatz(i + 1)
		fmt.Fprintf(&text, "%s=%.2fms ", key(i), float64(i)*0.37)
	}
	total := 0
	for _, m := range line.FindAllStringSubmatch(text.String(), -1) {
		v, _ := strconv.ParseFloat(m[2], 64)
		total += int(v) + counts[m[1]]
	}
	words := strings.Fields(strings.ToUpper(text.String()))
	sort.Strings(words)
	return total + len(strings.Join(words, ","))
}

func numbers(n int64) int {
	product := big.NewInt(1)
	for i := int64(1); i <= n; i++ {
		product.Mul(product, big.NewInt(i))
	}
	return len(product.String())
}

func areas(n int) float64 {
	var all []shape
	for i := 0; i < n; i++ {
		if i%3 == 0 {
			all = append(all, circle{float64(i)})
		} else {
			all = append(all, box{float64(i), 2})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].area() > all[j].area() })
	sum := 0.0
	for _, s := range all {
		sum += s.area()
	}
	return sum
}

func work(results chan<- int) {
	for {
		points := make([]point, 60)
		for i := range points {
			points[i] = point{X: float64(i * 31 % 17), Y: float64(i), Name: key(i), Tags: []string{key(i + 1)}}
		}
		sort.Slice(points, func(i, j int) bool { return less(points[i], points[j]) })
		results <- encode(points) + count(120) + numbers(120) + int(areas(100))
	}
}

func main() {
	results := make(chan int)
	for i := 0; i < 2; i++ {
		go work(results)
	}
	sum := 0
	for {
		sum += <-results
	}
}
