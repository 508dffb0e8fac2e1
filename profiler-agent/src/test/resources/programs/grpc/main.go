// A gRPC server and its client, whose calls are known: small and large ones, streams, and errors
// that only the trailers tell, after nothing and after a megabyte.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type bytes = wrapperspb.BytesValue

const (
	service = "shop.Orders"
	large   = 1 << 20
	most    = 8 << 20
	// Messages of a stream.
	messages = 20
)

// Answers with as many bytes as it was sent.
func echo(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	in := new(bytes)
	if err := decode(in); err != nil {
		return nil, err
	}
	return &bytes{Value: make([]byte, len(in.Value))}, nil
}

func refuse(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	in := new(bytes)
	if err := decode(in); err != nil {
		return nil, err
	}
	return nil, status.Error(codes.NotFound, "no such order")
}

// Sends some messages as long as what it was sent.
func list(_ any, stream grpc.ServerStream) error {
	in := new(bytes)
	if err := stream.RecvMsg(in); err != nil {
		return err
	}
	for range messages {
		if err := stream.SendMsg(&bytes{Value: in.Value}); err != nil {
			return err
		}
	}
	return nil
}

// A large message, and then an error.
func breakOff(_ any, stream grpc.ServerStream) error {
	if err := stream.RecvMsg(new(bytes)); err != nil {
		return err
	}
	if err := stream.SendMsg(&bytes{Value: make([]byte, large)}); err != nil {
		return err
	}
	return status.Error(codes.Internal, "broken off")
}

func serve(port string) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(most))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			{MethodName: "Small", Handler: echo},
			{MethodName: "Large", Handler: echo},
			{MethodName: "Refused", Handler: refuse},
		},
		Streams: []grpc.StreamDesc{
			{StreamName: "List", Handler: list, ServerStreams: true},
			{StreamName: "Broken", Handler: breakOff, ServerStreams: true},
		},
	}, struct{}{})
	log.Fatal(server.Serve(listener))
}

func call(connection *grpc.ClientConn, method string, size int, expected codes.Code) {
	in, out := &bytes{Value: make([]byte, size)}, new(bytes)
	err := connection.Invoke(context.Background(), "/"+service+"/"+method, in, out)
	if status.Code(err) != expected || (err == nil && len(out.Value) != size) {
		log.Fatalf("%s: %v, %d bytes", method, err, len(out.Value))
	}
}

func receive(connection *grpc.ClientConn, method string, size, expected int, code codes.Code) {
	description := &grpc.StreamDesc{StreamName: method, ServerStreams: true}
	stream, err := connection.NewStream(context.Background(), description, "/"+service+"/"+method)
	if err == nil {
		err = stream.SendMsg(&bytes{Value: make([]byte, size)})
	}
	if err == nil {
		err = stream.CloseSend()
	}
	count := 0
	for ; err == nil; count++ {
		err = stream.RecvMsg(new(bytes))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if status.Code(err) != code || count-1 != expected {
		log.Fatalf("%s: %v after %d messages", method, err, count-1)
	}
}

// So many of each kind, from two connections, by some at a time.
func ask(port string, times, atOnce int) {
	var group sync.WaitGroup
	for range 2 {
		connection, err := grpc.NewClient("127.0.0.1:"+port,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(most)))
		if err != nil {
			log.Fatal(err)
		}
		defer connection.Close()
		for range atOnce {
			group.Go(func() {
				for range times {
					call(connection, "Small", 1<<10, codes.OK)
					call(connection, "Large", large, codes.OK)
					call(connection, "Refused", 10, codes.NotFound)
					call(connection, "Refused", large, codes.NotFound)
					receive(connection, "List", 100, messages, codes.OK)
					receive(connection, "List", 20_000, messages, codes.OK)
					receive(connection, "Broken", 1, 1, codes.Internal)
				}
			})
		}
	}
	group.Wait()
	fmt.Println("calls of each kind:", 2*atOnce*times)
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		serve(os.Args[2])
	}
	if len(os.Args) != 5 || os.Args[1] != "ask" {
		log.Fatal("usage: grpc serve PORT | ask PORT TIMES AT_ONCE")
	}
	times, _ := strconv.Atoi(os.Args[3])
	atOnce, _ := strconv.Atoi(os.Args[4])
	ask(os.Args[2], times, atOnce)
}
