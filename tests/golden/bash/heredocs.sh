usage() {
    cat <<EOF
Usage: $0 [options]
    -h  # no comment
EOF
    cat <<-'END' | sed 's/x/y/'
	tabbed
	  more
	END
    cat <<< "here string"
}
