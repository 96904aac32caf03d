// Package index keeps the search engine of this process in step with the database. It reads records as documents, follows the
// change feed, fills an empty engine, keeps its snapshot file, and asks the engine on behalf of an actor. How text is analysed and
// ranked is left to package search; how a question travels over HTTP, to package handlers.
package index
