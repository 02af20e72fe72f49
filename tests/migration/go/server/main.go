// An http.Handler with a streamed body.
package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdaurl"
)

func words(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/", HttpOnly: true})
	w.WriteHeader(http.StatusCreated)
	for _, word := range strings.Split(r.URL.Query().Get("text"), " ") {
		fmt.Fprintln(w, word)
		time.Sleep(50 * time.Millisecond)
	}
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/words", words)
	lambdaurl.Start(mux)
}
