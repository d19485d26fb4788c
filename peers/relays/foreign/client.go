// A foreign client in Go: the TLS and the XML reader of Go's own library, the few exchanges of a log-in by hand,
// since no Go client of Debian has SASL EXTERNAL. It sends a message to a peer, waits for one, prints what came.
//
//	client PORT DOMAIN CERTIFICATE KEY ROOTS PEER
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/xml"
	"fmt"
	"log"
	"os"
)

type stanza struct {
	XMLName xml.Name
	From    string `xml:"from,attr"`
	Octets  string `xml:"urn:derbridge:link octets"`
	Jid     string `xml:"bind>jid"`
	Inner   string `xml:",innerxml"`
}

const (
	header = "<?xml version='1.0'?><stream:stream to='%s' version='1.0' xmlns='jabber:client' " +
		"xmlns:stream='http://etherx.jabber.org/streams'>"
	auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
	bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq><presence/>"
	said = "<message to='%s' id='g1'><octets xmlns='urn:derbridge:link'>R28gc2F5cw==</octets></message>"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Open a stream: say the header, and read up to the server's own.
func open(conn *tls.Conn, domain string) *xml.Decoder {
	fmt.Fprintf(conn, header, domain)
	read := xml.NewDecoder(conn)
	for {
		token, err := read.Token()
		must(err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "stream" {
			return read
		}
	}
}

// Read elements up to one of a name.
func until(read *xml.Decoder, name string) stanza {
	for {
		var found stanza
		must(read.Decode(&found))
		if found.XMLName.Local == name {
			return found
		}
		fmt.Printf("%s: %s\n", found.XMLName.Local, found.Inner)
	}
}

func main() {
	port, domain, peer := os.Args[1], os.Args[2], os.Args[6]
	own, err := tls.LoadX509KeyPair(os.Args[3], os.Args[4])
	must(err)
	pem, err := os.ReadFile(os.Args[5])
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{
		Certificates: []tls.Certificate{own}, RootCAs: roots, ServerName: domain, NextProtos: []string{"xmpp-client"},
	})
	must(err)
	until(open(conn, domain), "features")
	fmt.Fprint(conn, auth)
	read := xml.NewDecoder(conn)
	until(read, "success")
	read = open(conn, domain)
	until(read, "features")
	fmt.Fprint(conn, bind)
	fmt.Println("in as", until(read, "iq").Jid)
	fmt.Fprintf(conn, said, peer)
	got := until(read, "message")
	fmt.Printf("from %s: %s\n", got.From, got.Octets)
	fmt.Fprint(conn, "</stream:stream>")
	conn.Close()
}
