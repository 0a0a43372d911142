"""The pages for people: server-rendered, Vietnamese first, working without JavaScript."""
